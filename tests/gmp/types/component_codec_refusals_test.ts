import { assert, assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { MOST_LEAST } from "../../../gmp/types/_list_codecs.ts";
import type { TypeNode } from "../../../gmp/types/component_types.ts";
import { MAX_VALUE_BYTES } from "../../../gmp/types/value_writer.ts";
import { hex } from "../_wire.ts";
import {
  ADA,
  assertBytes,
  assertFails,
  assertMisfit,
  assertUnreadable,
  bytesOf,
  codecOf,
  inFrame,
  PERSON,
  readBack,
} from "./_component_bytes.ts";

Deno.test("a typed array that has lost its buffer is no empty list", () => {
  const moved = (array: Uint8Array | Float32Array | Int8Array) => {
    structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
    return array;
  };
  const buffer = new ArrayBuffer(8, { maxByteLength: 8 });
  const cut = new Uint8Array(buffer, 4);
  buffer.resize(2);
  const expected = (type: string) => ` is an object, not a list<${type}> that still has its buffer`;
  for (const array of [moved(new Uint8Array(3)), moved(new Int8Array(3)), cut]) {
    assertMisfit([["list", "u8"]], 0, array, expected("u8"));
  }
  assertMisfit([["list", "f32"]], 0, moved(new Float32Array(3)), expected("f32"));
  assertEquals(bytesOf([["list", "u8"]], 0, new Uint8Array(buffer, 2)), new Uint8Array(4));
});

Deno.test("an argument that does not fit is named with where it is", () => {
  assertMisfit(
    PERSON,
    2,
    { ...ADA, age: "x" },
    ', field "age" is "x", not a u32 (an integer from 0 to 4294967295)',
  );
  assertMisfit(PERSON, 2, { ...ADA, tags: ["x", 7] }, ', field "tags", element 2 is 7, not a string');
  assertMisfit(PERSON, 2, { ...ADA, email: 7 }, ', field "email" is 7, not a string');
  assertMisfit(
    PERSON,
    2,
    { name: "Ada" },
    ', field "age" is undefined, not a u32 (an integer from 0 to 4294967295)',
  );
  assertMisfit(
    PERSON,
    2,
    { ...ADA, emial: "a@b.c" },
    ', name "emial" is "emial", not a field of the record (name, age, email, tags, balance)',
  );
  assertMisfit(PERSON, 2, 7, " is 7, not a record (an object)");
  assertMisfit([], "s8", 128, " is 128, not an s8 (an integer from -128 to 127)");
  assertMisfit([], "u8", -1, " is -1, not a u8 (an integer from 0 to 255)");
  assertMisfit([], "u8", 0.5, " is 0.5, not a u8 (an integer from 0 to 255)");
  assertMisfit([], "u8", true, " is true, not a u8 (an integer from 0 to 255)");
  const u64 = "a u64 (an integer from 0 to 2^64-1, written as 9007199254740993n beyond 2^53)";
  assertMisfit([], "u64", 2 ** 53, ` is 9007199254740992, not ${u64}`);
  assertMisfit([], "u64", -1n, ` is -1n, not ${u64}`);
  assertMisfit([], "f32", 16777217n, " is 16777217n, not an f32 (a number)");
  assertMisfit([], "char", "ab", ' is "ab", not a char (a string of one character)');
  assertMisfit([], "char", "\ud800", ' is "\\ud800", not a char (a string of one character)');
  assertMisfit([], "string", "a\udc00", ' is "a\\udc00", not a string of whole characters');
  assertMisfit([["list", "u8"]], 0, 7, " is 7, not a list<u8> (a Uint8Array, an array, or a string)");
  assertMisfit([["list", "u8"]], 0, "a\udc00", ' is "a\\udc00", not a string of whole characters');
  assertMisfit([["list", "u16"]], 0, "ab", ' is "ab", not a list<u16> (a Uint16Array or an array)');
  assertMisfit([["list", "u8"]], 0, [1, 256], ", element 2 is 256, not a u8 (an integer from 0 to 255)");
  assertMisfit([["list", "u8", 3]], 0, [1, 2], " is an array, not a list of 3 elements: it has 2");
  assertMisfit([["list", "string"]], 0, { length: 0 }, " is an object, not a list (an array)");
  assertMisfit([["tuple", ["u8", "u8"]]], 0, [1], " is an array, not a tuple of 2 elements: it has 1");
  assertMisfit([["enum", ["a", "b"]]], 0, "c", ' is "c", not a case of the enum (a, b)');
  assertMisfit([["variant", [["a", null]]]], 0, { tag: "b" }, ', tag is "b", not a case of the variant (a)');
  assertMisfit(
    [["variant", [["a", null]]]],
    0,
    { tag: "a", val: 1 },
    ', case "a" is 1, not undefined: the case has no payload',
  );
  assertMisfit(
    [["result", "u8", null]],
    0,
    { tag: "ok" },
    ', case "ok" is undefined, not a u8 (an integer from 0 to 255)',
  );
  assertMisfit([["flags", ["a"]]], 0, { a: 1 }, ', flag "a" is 1, not a bool (true or false)');
  assertMisfit([["flags", ["a"]]], 0, { b: true }, ', name "b" is "b", not a field of the flags (a)');
  assertMisfit(
    [["map", "string", "u8"]],
    0,
    new Map([["a", -1]]),
    ', entry "a" is -1, not a u8 (an integer from 0 to 255)',
  );
  assertMisfit([["own", "counter"]], 0, {}, " is an object, not a counter (a resource)");
});

Deno.test("a program reads from an error which part of which argument it was", () => {
  const error = assertThrows(() => bytesOf(PERSON, 2, { ...ADA, tags: ["x", 7] }), GhostError);
  assertEquals(error.details, { position: 1, expected: "string", path: ["tags", 1] });
});

Deno.test("a wrong number of arguments is refused with their names", () => {
  const codec = codecOf(PERSON, 1);
  assertFails(
    () => codec.writeArguments("f", [], { ahead: 0, whole: 0 }),
    "BAD_ARGUMENTS",
    "Cannot call f: it takes 1 argument (x: list<string>), not 0",
  );
});

Deno.test("a field that is called as something that every object has is its own", () => {
  const types: TypeNode[] = [["option", "string"], ["record", [["to-string", 0], ["constructor", 0]]]];
  assertBytes(types, {}, "00 00", { toString: undefined, constructor: undefined });
});

Deno.test("bytes that are no values are refused", () => {
  assertUnreadable([], "bool", "02", "a bool is 2");
  assertUnreadable([], "u32", "0000", "4 bytes are next, and 2 are left");
  assertUnreadable([], "u8", "0000", "1 bytes are left over");
  assertUnreadable([], "char", "00d80000", "there is no character 55296");
  assertUnreadable([], "char", "00001100", "there is no character 1114112");
  assertUnreadable([], "string", "ffffffff 61", "4294967295 bytes are next, and 1 are left");
  assertUnreadable([], "string", "02000000 c328", "a string is not UTF-8");
  assertUnreadable([], "string", "03000000 eda080", "a string is not UTF-8");
  assertUnreadable([["list", "u64"]], 0, "ffffffff", "4294967295 elements are next, and 0 bytes are left");
  assertUnreadable([["list", "string"]], 0, "02000000 00000000", "2 elements are next, and 4 bytes are left");
  assertUnreadable([["list", "u8", 3]], 0, "0000", "3 elements are next, and 2 bytes are left");
  assertUnreadable([["enum", ["a", "b"]]], 0, "02", "there are only 2 cases");
  assertUnreadable([["variant", [["a", null]]]], 0, "01", "there are only 1 cases");
  assertUnreadable([["option", "u8"]], 0, "02", "there are only 2 cases");
  assertUnreadable([["flags", ["a", "b"]]], 0, "04", "flags are 4, and there are 2");
  assertUnreadable([["map", "u8", "u8"]], 0, "02000000 0101 0102", "a map has a key twice");
  assertUnreadable([["own", "counter"]], 0, "01000000", "there is no counter here");
});

Deno.test("error contexts cannot be passed, and the error says so", () => {
  assertFails(
    () => codecOf([], "error-context"),
    "UNSUPPORTED_SIGNATURE",
    "Cannot call f: a value of type error-context cannot be passed between nodes yet",
  );
});

Deno.test("a stream is a number, and what is none is refused where it is", () => {
  const codec = codecOf([["stream", "u8"], ["record", [["data", 0], ["size", "u32"]]]], 1);
  assertEquals(codec.passesStreams, true);
  const written: unknown[] = [];
  const streams = {
    numberOf: (value: unknown) => written.push(value),
    withdraw: () => {},
    valueOf: (number: number) => ({ number }),
  };
  const options = { ahead: 0, whole: 0, streams };
  const data = new ReadableStream();
  const bytes = codec.writeArguments("f", [{ data, size: 7 }], options);
  assertEquals([bytes.toHex(), written], ["010007000000", [data]]);
  const from = { bytes, view: new DataView(bytes.buffer), start: 0, end: bytes.length };
  assertEquals(codec.readArguments(from, undefined, streams).values, [{ data: { number: 1 }, size: 7 }]);
  assertFails(
    () => codec.readArguments(from),
    "BAD_REQUEST",
    "Cannot read the values: there is no stream here",
  );
  assertFails(
    () => codec.writeArguments("f", [{ data: 7, size: 7 }], options),
    "BAD_ARGUMENTS",
    'Cannot call f: argument 1, field "data" is 7, not a stream<u8> (a ReadableStream that nobody reads, or an iterable)',
  );
});

Deno.test("types that nest to millions of values are prepared at once, and few bytes do not become many values", () => {
  const types = Array.from(
    { length: 100 },
    (_, i): TypeNode => ["tuple", i === 0 ? ["u8", "u8"] : [i - 1, i - 1]],
  );
  // Whoever goes through 2^100 values one by one does not come back.
  const list: TypeNode = ["list", 99];
  const read = () => readBack([...types, list], 100, hex("01000000 0000"));
  assertFails(read, "BAD_REQUEST", "Cannot read the values: 1 elements are next, and 2 bytes are left");
  let value: unknown = [0, 0];
  for (let i = 1; i < 100; i++) value = [value, value]; // 100 arrays that stand for 2^100 values
  assertThrows(() => bytesOf(types, 99, value), GhostError, "they take more than");
  assert(MOST_LEAST > MAX_VALUE_BYTES);
});

Deno.test("values are written up to 16 MiB and not beyond", () => {
  const most = new Uint8Array(MAX_VALUE_BYTES - 4).fill(7);
  const bytes = bytesOf([["list", "u8"]], 0, most);
  assertEquals(bytes.length, MAX_VALUE_BYTES);
  assertEquals(readBack([["list", "u8"]], 0, bytes), most);
  const message = `Cannot send the values: they take more than ${MAX_VALUE_BYTES} bytes`;
  for (
    const [types, value] of [
      [[["list", "u8"]], new Uint8Array(MAX_VALUE_BYTES - 3)],
      [[["list", "f64"]], new Float64Array(MAX_VALUE_BYTES / 8)],
      [[["list", "string"]], Array(MAX_VALUE_BYTES / 8).fill("1234")],
      [[["list", "string"]], ["x".repeat(MAX_VALUE_BYTES)]],
      [[["list", "string"]], ["é".repeat(MAX_VALUE_BYTES / 2)]],
    ] as [TypeNode[], unknown][]
  ) {
    assertFails(() => bytesOf(types, 0, value), "PAYLOAD_TOO_LARGE", message);
  }
});

Deno.test("a few bytes that would become many objects are refused before they are made", () => {
  // Each byte is a tuple of an option: 16 MiB would take more than a gigabyte.
  const types: TypeNode[] = [["option", "u8"], ["tuple", [0]], ["list", 1]];
  const bytes = new Uint8Array(MAX_VALUE_BYTES);
  new DataView(bytes.buffer).setUint32(0, bytes.length - 4, true);
  const before = Deno.memoryUsage().heapUsed;
  assertFails(
    () => readBack(types, 2, bytes),
    "PAYLOAD_TOO_LARGE",
    `Cannot read the values: they take more than ${1 << 26} bytes of memory`,
  );
  assert(Deno.memoryUsage().heapUsed - before < 3 * (1 << 26));
  // A million small records are read.
  const records: TypeNode[] = [["record", [["a", "u8"]]], ["list", 0]];
  const million = new Uint8Array(4 + 1_000_000);
  new DataView(million.buffer).setUint32(0, 1_000_000, true);
  const [list] = codecOf(records, 1).readArguments(inFrame(million)).values as [unknown[]];
  assertEquals(list.length, 1_000_000);
});
