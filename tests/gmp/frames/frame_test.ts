import { assertEquals } from "@std/assert";
import {
  ALL_FLAGS,
  DATA_CAP,
  Flag,
  HANDSHAKE_CAP,
  HANDSHAKE_CAPS,
  HEADER_BYTES,
  Kind,
  LARGE_REPLY_CAP,
  LARGE_REPLY_CAPS,
  LAST_KIND,
  PREFACE,
  SESSION_CAPS,
  writeHeader,
} from "../../../gmp/frames/frame.ts";
import { encodeBody } from "../../../gmp/frames/body.ts";
import { OPERATIONS } from "../../../gmp/messages/operations.ts";
import { frameBytes, hex } from "../_wire.ts";

Deno.test("the preface is GMP and the version", () => {
  assertEquals(PREFACE, hex("47 4d 50 02"));
});

const HEADERS: [keyof typeof Kind, string][] = [
  ["CHALLENGE", "04030201 01 00 0000 0d0c0b0a"],
  ["PROOF", "04030201 02 00 0000 0d0c0b0a"],
  ["WELCOME", "04030201 03 00 0000 0d0c0b0a"],
  ["REQUEST", "04030201 04 00 0000 0d0c0b0a"],
  ["REPLY", "04030201 05 00 0000 0d0c0b0a"],
  ["ERROR", "04030201 06 00 0000 0d0c0b0a"],
  ["DATA", "04030201 07 00 0000 0d0c0b0a"],
  ["CALL", "04030201 08 00 0000 0d0c0b0a"],
  ["RESULT", "04030201 09 00 0000 0d0c0b0a"],
  ["CANCEL", "04030201 0a 00 0000 0d0c0b0a"],
  ["NOTICE", "04030201 0b 00 0000 0d0c0b0a"],
  ["PING", "04030201 0c 00 0000 0d0c0b0a"],
  ["PONG", "04030201 0d 00 0000 0d0c0b0a"],
  ["GOODBYE", "04030201 0e 00 0000 0d0c0b0a"],
];

for (const [kind, bytes] of HEADERS) {
  Deno.test(`the header of ${kind} is length, kind, flags, operation, id, little-endian`, () => {
    const header = new Uint8Array(HEADER_BYTES);
    writeHeader(new DataView(header.buffer), 0, 0x01020304, Kind[kind], 0, 0, 0x0a0b0c0d);
    assertEquals(header, hex(bytes));
  });
}

Deno.test("a header has its flags, its operation and the greatest values in place", () => {
  const bytes = new Uint8Array(HEADER_BYTES + 2);
  const view = new DataView(bytes.buffer);
  writeHeader(view, 1, 0xffffffff, Kind.REQUEST, ALL_FLAGS, 0xffff, 0xffffffff);
  assertEquals(bytes, hex("00 ffffffff 04 1f ffff ffffffff 00"));
  writeHeader(view, 1, 0, Kind.DATA, Flag.STDERR, 0, 0);
  assertEquals(bytes, hex("00 00000000 07 04 0000 00000000 00"));
});

Deno.test("a REQUEST and its REPLY, byte by byte", () => {
  const request = frameBytes(Kind.REQUEST, {
    operation: OPERATIONS["node.locate"],
    id: 7,
    payload: encodeBody({ name: "node-1" }),
  });
  assertEquals(
    request,
    hex(`0d000000 04 00 0300 07000000   81 a4 6e616d65 a6 6e6f64652d31`),
  );
  const reply = frameBytes(Kind.REPLY, { id: 7, payload: encodeBody({ name: "node-1", port: 5001 }) });
  assertEquals(
    reply,
    hex(`15000000 05 00 0000 07000000   82 a4 6e616d65 a6 6e6f64652d31 a4 706f7274 cd 1389`),
  );
});

Deno.test("every kind and flag of protocol.md is there, once", () => {
  assertEquals(Object.values(Kind), Array.from({ length: LAST_KIND }, (_, i) => i + 1));
  assertEquals(Flag, { MORE: 1, STDOUT: 2, STDERR: 4, EXTENDED: 8, PART: 16 });
  assertEquals(ALL_FLAGS, Flag.MORE | Flag.STDOUT | Flag.STDERR | Flag.EXTENDED | Flag.PART);
});

Deno.test("before WELCOME four kinds are accepted, of 1 KiB at most", () => {
  const accepted = Object.values(Kind).filter((kind) => HANDSHAKE_CAPS[kind]! >= 0);
  assertEquals(accepted, [Kind.CHALLENGE, Kind.PROOF, Kind.WELCOME, Kind.ERROR]);
  assertEquals(accepted.map((kind) => HANDSHAKE_CAPS[kind]), Array(4).fill(HANDSHAKE_CAP));
  assertEquals(HANDSHAKE_CAP, 1024);
});

Deno.test("after it the kinds of the handshake are refused and every other has a cap", () => {
  for (const kind of Object.values(Kind)) {
    const cap = SESSION_CAPS[kind]!;
    assertEquals(cap < 0, kind <= Kind.WELCOME, `kind ${kind}`);
  }
  assertEquals(SESSION_CAPS[Kind.DATA], DATA_CAP);
});

Deno.test("a client of GPMD accepts larger replies, and nothing else that is larger", () => {
  const differing = Object.values(Kind).filter((kind) => LARGE_REPLY_CAPS[kind] !== SESSION_CAPS[kind]);
  assertEquals(differing, [Kind.REPLY]);
  assertEquals(LARGE_REPLY_CAPS[Kind.REPLY], LARGE_REPLY_CAP);
});
