/** Hostile input to the decoder, each kind by name. */
import { assertEquals, assertInstanceOf, assertLess, assertThrows } from "@std/assert";
import { FrameDecoder, NotGmpError } from "../../../gmp/frames/decoder.ts";
import { type ErrorCode, GhostError } from "../../../gmp/errors.ts";
import {
  DATA_CAP,
  HANDSHAKE_CAPS,
  Kind,
  LARGE_REPLY_CAP,
  LARGE_REPLY_CAPS,
  type PayloadCaps,
  SESSION_CAPS,
} from "../../../gmp/frames/frame.ts";
import { concat, frameBytes, framesIn, hex } from "../_wire.ts";

/** The error that `bytes` end in. */
function refusal(bytes: Uint8Array, caps: PayloadCaps = SESSION_CAPS, preface = false): GhostError {
  const decoder = new FrameDecoder(caps, preface);
  return assertThrows(() => framesIn(decoder, bytes), GhostError);
}

Deno.test("bad_preface: each wrong byte, at once", () => {
  for (const text of ["46", "47 4e", "47 4d 51", "00", "16 03 01"]) {
    const decoder = new FrameDecoder(HANDSHAKE_CAPS, true);
    assertThrows(() => framesIn(decoder, hex(text)), NotGmpError);
  }
});

Deno.test("other_version: GMP of another version is told from what is no GMP", () => {
  for (const version of [0, 1, 3, 255]) {
    const error = refusal(Uint8Array.of(0x47, 0x4d, 0x50, version), HANDSHAKE_CAPS, true);
    assertEquals([error instanceof NotGmpError, error.code, error.message], [
      false,
      "BAD_REQUEST",
      `Cannot connect: one side speaks GMP ${version} and the other GMP 2; upgrade the older one`,
    ]);
  }
});

Deno.test("http_request: it is not taken for a frame", () => {
  const error = refusal(
    new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    HANDSHAKE_CAPS,
    true,
  );
  assertInstanceOf(error, NotGmpError);
  assertEquals(error.code, "BAD_REQUEST");
});

Deno.test("partial_preface: three bytes are not enough and not wrong", () => {
  const decoder = new FrameDecoder(HANDSHAKE_CAPS, true);
  assertEquals(framesIn(decoder, hex("47 4d 50")), []);
  assertEquals(framesIn(decoder, concat(hex("02"), frameBytes(Kind.PROOF))).length, 1);
});

const MALFORMED: [name: string, bytes: Uint8Array, code: ErrorCode, message: string][] = [
  ["kind_zero", frameBytes(0), "BAD_REQUEST", "Cannot read a frame: its kind is 0"],
  ["unknown_kind", frameBytes(16), "BAD_REQUEST", "Cannot read a frame: its kind is 16"],
  ["unknown_kind 255", frameBytes(255), "BAD_REQUEST", "Cannot read a frame: its kind is 255"],
  [
    "handshake_kind_after_welcome",
    frameBytes(Kind.PROOF),
    "BAD_REQUEST",
    "Cannot read a frame: kind 2 is not allowed now",
  ],
  ["bad_flags", frameBytes(Kind.DATA, { flags: 32 }), "BAD_REQUEST", "Cannot read a frame: its flags are 32"],
  [
    "part_of_no_stream",
    frameBytes(Kind.DATA, { flags: 17 }),
    "BAD_REQUEST",
    "Cannot read a frame: it has a part of an element, and is no DATA of a stream",
  ],
  [
    "part_of_credit",
    frameBytes(Kind.CREDIT, { flags: 16, operation: 1 }),
    "BAD_REQUEST",
    "Cannot read a frame: it has a part of an element, and is no DATA of a stream",
  ],
  [
    "extension_of_data",
    frameBytes(Kind.DATA, { flags: 8 }),
    "BAD_REQUEST",
    "Cannot read a frame: kind 7 has an extension",
  ],
  [
    "bad_flags 255",
    frameBytes(Kind.PING, { flags: 255 }),
    "BAD_REQUEST",
    "Cannot read a frame: its flags are 255",
  ],
  [
    "operation_on_reply",
    frameBytes(Kind.REPLY, { operation: 1 }),
    "BAD_REQUEST",
    "Cannot read a frame: kind 5 has an operation",
  ],
  [
    "operation_on_call",
    frameBytes(Kind.CALL, { operation: 0xff00 }),
    "BAD_REQUEST",
    "Cannot read a frame: kind 8 has an operation",
  ],
  [
    "length_of_4_GiB",
    frameBytes(Kind.DATA, { length: 0xffffffff }),
    "PAYLOAD_TOO_LARGE",
    "Cannot read a frame of kind 7: its payload of 4294967295 bytes is larger than 1048576",
  ],
];

for (const [name, bytes, code, message] of MALFORMED) {
  Deno.test(`${name}: ${code}, from the header alone`, () => {
    const error = refusal(bytes);
    assertEquals([error.code, error.message], [code, message]);
  });
}

Deno.test("every kind but those of the handshake: kind_not_allowed_before_welcome", () => {
  const refused = Object.values(Kind).filter((kind) => HANDSHAKE_CAPS[kind]! < 0);
  assertEquals(refused.length, 11);
  for (const kind of refused) {
    const error = refusal(frameBytes(kind), HANDSHAKE_CAPS);
    assertEquals(error.message, `Cannot read a frame: kind ${kind} is not allowed now`);
  }
});

for (const [name, kind] of Object.entries(Kind)) {
  Deno.test(`too_large: ${name} at its cap is read, one byte more is refused with nothing buffered`, () => {
    const caps = kind <= Kind.WELCOME ? HANDSHAKE_CAPS : SESSION_CAPS;
    const cap = caps[kind]!;
    const [frame] = framesIn(
      new FrameDecoder(caps, false),
      frameBytes(kind, { payload: new Uint8Array(cap) }),
    );
    assertEquals(frame?.payload.length, cap);
    assertEquals(refusal(frameBytes(kind, { length: cap + 1 }), caps).code, "PAYLOAD_TOO_LARGE");
  });
}

Deno.test("too_large: a REPLY to a client of GPMD has a cap too", () => {
  const decoder = new FrameDecoder(LARGE_REPLY_CAPS, false);
  assertEquals(framesIn(decoder, frameBytes(Kind.REPLY, { length: LARGE_REPLY_CAP })), []);
  const longer = frameBytes(Kind.REPLY, { length: LARGE_REPLY_CAP + 1 });
  assertEquals(refusal(longer, LARGE_REPLY_CAPS).code, "PAYLOAD_TOO_LARGE");
});

Deno.test("a length over its cap takes no memory", () => {
  const before = Deno.memoryUsage().external;
  const decoders = Array.from({ length: 200 }, () => new FrameDecoder(SESSION_CAPS, false));
  for (const decoder of decoders) {
    const header = frameBytes(Kind.DATA, { length: DATA_CAP + 1 });
    // Its last byte alone, so that the decoder had to hold the others.
    framesIn(decoder, header.subarray(0, 11));
    assertThrows(() => framesIn(decoder, header.subarray(11)), GhostError);
    assertEquals(decoder.held, 12);
  }
  assertLess(Deno.memoryUsage().external - before, 200 * 1024);
});

Deno.test("a malformed stream stays refused", () => {
  const decoder = new FrameDecoder(SESSION_CAPS, false);
  assertThrows(() => framesIn(decoder, frameBytes(99)), GhostError, "its kind is 99");
  assertThrows(() => framesIn(decoder, frameBytes(Kind.PING)), GhostError, "its kind is 99");
});
