import { assertEquals, assertThrows } from "@std/assert";
import { bytesIn, decodeBody, encodeBody, isMap, stringIn } from "../../../gmp/frames/body.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { concat, hex, seeded } from "../_wire.ts";

/** Checks that `bytes` are refused for `reason`. */
function assertRefused(bytes: Uint8Array, reason: string): void {
  const error = assertThrows(() => decodeBody(bytes), GhostError, `Cannot read the payload: ${reason}`);
  assertEquals(error.code, "BAD_REQUEST");
}

const SAMPLE = {
  name: "node-1",
  long: "n".repeat(300),
  port: 5001,
  negative: -70_000,
  half: 0.5,
  generation: 2n ** 60n,
  signed: -(2n ** 60n),
  yes: true,
  no: false,
  nothing: null,
  ticket: Uint8Array.of(1, 2, 3),
  blob: new Uint8Array(300),
  argv: ["a", "b", ["c"]],
  map: { x: { y: [] } },
};

Deno.test("a body is one MessagePack map", () => {
  assertEquals(
    encodeBody({ a: 1, b: "é", c: hex("ff"), d: [null, true], e: { f: -1 } }),
    hex("85 a161 01 a162 a2c3a9 a163 c401ff a164 92 c0 c3 a165 81 a166 ff"),
  );
  assertEquals(encodeBody({}), hex("80"));
});

Deno.test("a body comes back as it was", () => {
  assertEquals(decodeBody(encodeBody(SAMPLE)), SAMPLE);
});

Deno.test("fields that are undefined are left out", () => {
  assertEquals(encodeBody({ a: undefined, b: 2 }), hex("81 a162 02"));
});

Deno.test("a body does not change with the buffer it was read from", () => {
  const buffer = encodeBody({ nonce: Uint8Array.of(1, 2, 3), inside: [{ more: Uint8Array.of(4) }] });
  const body = decodeBody(buffer);
  buffer.fill(0xff);
  assertEquals(body, { nonce: Uint8Array.of(1, 2, 3), inside: [{ more: Uint8Array.of(4) }] });
});

Deno.test("a body inside a larger buffer is read at its own offsets", () => {
  const buffer = concat(hex("c1c1"), encodeBody(SAMPLE), hex("c1"));
  assertEquals(decodeBody(buffer.subarray(2, -1)), SAMPLE);
});

Deno.test("not_a_map: every other type at the top", () => {
  assertRefused(new Uint8Array(0), "it is empty");
  for (const type of ["00", "7f", "ff", "90", "a0", "c0", "c3", "c400", "ca00000000", "d900", "dc0000"]) {
    assertRefused(hex(type), "it is not a map");
  }
});

Deno.test("left_over_bytes: after the map", () => {
  assertRefused(concat(encodeBody(SAMPLE), hex("00")), "bytes follow its map");
  assertRefused(hex("80 80"), "bytes follow its map");
});

Deno.test("cut_off: at every byte", () => {
  const bytes = encodeBody(SAMPLE);
  for (let length = 1; length < bytes.length; length++) {
    assertRefused(bytes.subarray(0, length), "its MessagePack is cut off");
  }
});

Deno.test("length_beyond_the_end: each type that has a length", () => {
  for (
    const value of [
      ...["a1", "bf", "d901", "d9ff", "da0001", "daffff", "db00000001", "dbffffffff"],
      ...["c401", "c5ffff", "c6ffffffff", "91", "dcffff", "ddffffffff", "81", "deffff", "dfffffffff"],
    ]
  ) {
    assertRefused(concat(hex("81 a161"), hex(value)), "its MessagePack is cut off");
  }
  assertRefused(hex("dfffffffff"), "its MessagePack is cut off");
  assertRefused(hex("81 dbffffffff 00"), "its MessagePack is cut off");
});

Deno.test("too_deep: eight maps or arrays inside each other are read, nine are not", () => {
  const nested = (depth: number, open: string) => hex(open.repeat(depth - 1) + "80");
  decodeBody(nested(8, "81 a161"));
  assertRefused(nested(9, "81 a161"), "it is deeper than 8");
  assertRefused(nested(100_000, "81 a161"), "it is deeper than 8");
  decodeBody(concat(hex("81 a161"), hex("91".repeat(6) + "90")));
  assertRefused(concat(hex("81 a161"), hex("91".repeat(7) + "90")), "it is deeper than 8");
});

Deno.test("too_many_values: 200,000 are read, one more is not", () => {
  const list = (length: number) => {
    const bytes = new Uint8Array(8 + length);
    bytes.set(hex("81 a161 dd"));
    new DataView(bytes.buffer).setUint32(4, length);
    return bytes;
  };
  // The map and its list are values too.
  assertEquals((decodeBody(list(199_998)).a as unknown[]).length, 199_998);
  assertRefused(list(199_999), "it has more than 200000 values");
});

Deno.test("key_not_a_string: numbers, null, booleans, bytes, maps and arrays", () => {
  for (const key of ["01", "ff", "c0", "c3", "c40161", "80", "90", "cc01", "ca00000000", "c1", "d40100"]) {
    assertRefused(concat(hex("81"), hex(key), hex("00")), "a key of a map is not a string");
    assertRefused(concat(hex("81 a161 81"), hex(key), hex("00")), "a key of a map is not a string");
  }
});

Deno.test("proto_key: in every spelling and at every depth", () => {
  const proto = new TextEncoder().encode("__proto__");
  // A byte order mark at the start of a string is dropped when it is decoded.
  for (const key of [proto, concat(hex("efbbbf"), proto)]) {
    const size = key.length.toString(16).padStart(2, "0");
    for (const length of [hex(`a${size[1]}`), hex(`d9${size}`), hex(`da00${size}`), hex(`db000000${size}`)]) {
      const entry = concat(hex("81"), length, key, hex("81 a178 01"));
      assertRefused(entry, 'a key is "__proto__"');
      assertRefused(concat(hex("81 a161 91"), entry), 'a key is "__proto__"');
    }
  }
  assertEquals(decodeBody(encodeBody({ proto: "__proto__", __proto: 1, _proto__: 2 })), {
    proto: "__proto__",
    __proto: 1,
    _proto__: 2,
  });
});

Deno.test("extension_type: each of them, and the type that is never used", () => {
  for (const type of [0xc1, 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]) {
    const bytes = concat(hex("81 a161"), Uint8Array.of(type), new Uint8Array(20));
    assertRefused(bytes, `it has a MessagePack type, ${type}, that GMP does not use`);
  }
});

Deno.test("byte_order_marks: text that begins with them keeps them, wherever it stands", () => {
  const body = {
    mark: "\ufeff",
    list: [
      "\ufeffa",
      "a\ufeff",
      { inside: "\ufeff\ufeff" + "x".repeat(300) },
      Uint8Array.of(0xef, 0xbb, 0xbf),
    ],
    "\ufeffkey": "\ufeff".repeat(30_000),
    last: 1,
  };
  assertEquals(decodeBody(encodeBody(body)), body);
  const { mark, list, last } = body;
  assertEquals(decodeBody(encodeBody(body), { plain: ["mark", "last"], nested: ["list"] }), {
    mark,
    list,
    last,
  });
});

Deno.test("bad_utf8: it is replaced, not trusted", () => {
  assertEquals(decodeBody(hex("81 a161 a2 c3 28")), { a: "\ufffd(" });
});

seeded("mutated messages are read or refused with BAD_REQUEST, nothing else", (random) => {
  const sample = encodeBody(SAMPLE);
  let refused = 0;
  for (let round = 0; round < 20_000; round++) {
    const bytes = sample.slice(0, 1 + random.below(sample.length * 2));
    for (let i = random.below(4); i >= 0; i--) {
      // Half of the changes write a byte that has a meaning of its own.
      const byte = random.below(2) === 0 ? random.below(256) : 0xc0 + random.below(0x20);
      bytes[random.below(Math.min(bytes.length, 100))] = byte;
    }
    try {
      decodeBody(bytes);
    } catch (error) {
      if (!(error instanceof GhostError) || error.code !== "BAD_REQUEST") throw error;
      refused++;
    }
  }
  assertEquals(refused > 1000 && refused < 20_000, true, `${refused} were refused`);
});

const BODY = {
  text: "abc",
  whole: 7,
  half: 0.5,
  bytes: hex("010203"),
  map: { a: 1 },
  list: ["a"],
  none: null,
};

/** Checks that `read` fails with BAD_REQUEST, names the field and says `problem`. */
function assertWrong(read: () => unknown, field: string, problem: string): void {
  const error = assertThrows(read, GhostError);
  assertEquals(error.code, "BAD_REQUEST");
  assertEquals(error.message, `Cannot read the message: "${field}" ${problem}`);
  assertEquals(error.details, { field });
}

Deno.test("stringIn takes a string that is short enough", () => {
  assertEquals(stringIn(BODY, "text", 3), "abc");
  assertWrong(() => stringIn(BODY, "text", 2), "text", "is not a string of at most 2 characters");
  assertWrong(() => stringIn(BODY, "whole"), "whole", "is not a string of at most 1024 characters");
  assertWrong(() => stringIn(BODY, "missing"), "missing", "is missing");
});

Deno.test("bytesIn takes exactly so many bytes", () => {
  assertEquals(bytesIn(BODY, "bytes", 3), hex("010203"));
  assertWrong(() => bytesIn(BODY, "bytes", 4), "bytes", "is not 4 bytes");
  assertWrong(() => bytesIn(BODY, "text", 3), "text", "is not 3 bytes");
});

Deno.test("isMap tells a map from all else", () => {
  assertEquals([{}, [], hex("00"), null, "a"].map(isMap), [true, false, false, false, false]);
});
