import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import type { NumberType } from "../../../gmp/types/value_types.ts";
import {
  checkArguments,
  prepareCodec,
  resultOf,
  valuesOf,
  type WasmNumber,
} from "../../../gmp/types/values.ts";

function written(types: readonly NumberType[], values: readonly unknown[]): number[] {
  const codec = prepareCodec(types);
  const bytes = new Uint8Array(codec.byteLength(values));
  checkArguments("f", { parameters: types, results: [] }, values);
  codec.write(new DataView(bytes.buffer), 0, values);
  return [...bytes];
}

/** What the other side reads of an argument. */
function passed(type: NumberType, value: unknown): WasmNumber {
  const bytes = new Uint8Array(written([type], [value]));
  return prepareCodec([type]).read(new DataView(bytes.buffer), 0, bytes.length)[0]!;
}

function assertRefused(type: NumberType, value: unknown, shown: string, expected: string): void {
  const run = (): void => checkArguments("add", { parameters: ["f64", type], results: [] }, [1, value]);
  const error = assertThrows(run, GhostError);
  assertEquals(error.code, "BAD_ARGUMENTS");
  assertEquals(error.message, `Cannot call add: argument 2 is ${shown}, not ${expected}`);
  assertEquals(error.details, { position: 2, expected: type });
}

Deno.test("values have their WebAssembly bytes, little-endian, without gaps", () => {
  assertEquals(written(["i32"], [0x01020304]), [4, 3, 2, 1]);
  assertEquals(written(["i32", "i32"], [1, -1]), [1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  assertEquals(written(["i64"], [0x0102030405060708n]), [8, 7, 6, 5, 4, 3, 2, 1]);
  assertEquals(written(["f32"], [1.5]), [0, 0, 0xc0, 0x3f]);
  assertEquals(written(["f64"], [1.5]), [0, 0, 0, 0, 0, 0, 0xf8, 0x3f]);
  assertEquals(written(["i32", "f64", "f32", "i64"], [1, 0, 0, 1]), [
    ...[1, 0, 0, 0],
    ...[0, 0, 0, 0, 0, 0, 0, 0],
    ...[0, 0, 0, 0],
    ...[1, 0, 0, 0, 0, 0, 0, 0],
  ]);
  assertEquals(written([], []), []);
});

Deno.test("values are written and read at their offset, and nothing beside them is touched", () => {
  const codec = prepareCodec(["i32", "f64"]);
  const bytes = new Uint8Array(20).fill(0xee);
  const view = new DataView(bytes.buffer);
  codec.write(view, 4, [7, 2.25]);
  assertEquals([...bytes.subarray(0, 4), ...bytes.subarray(16)], new Array(8).fill(0xee));
  assertEquals(codec.read(view, 4, 12), [7, 2.25]);
});

Deno.test("an i32 takes integers from -2^31 to 2^32-1, bigints and booleans", () => {
  assertEquals(passed("i32", -(2 ** 31)), -(2 ** 31));
  assertEquals(passed("i32", 2 ** 31 - 1), 2 ** 31 - 1);
  assertEquals(passed("i32", 0xffffffff), -1);
  assertEquals(passed("i32", 2 ** 31), -(2 ** 31));
  assertEquals(passed("i32", 5n), 5);
  assertEquals(passed("i32", 0xffffffffn), -1);
  assertEquals(passed("i32", true), 1);
  assertEquals(passed("i32", false), 0);
  const integer = "an i32 (an integer from -2^31 to 2^32-1)";
  assertRefused("i32", 1.5, "1.5", integer);
  assertRefused("i32", 2 ** 40, "1099511627776", integer);
  assertRefused("i32", 2 ** 32, "4294967296", integer);
  assertRefused("i32", -(2 ** 31) - 1, "-2147483649", integer);
  assertRefused("i32", NaN, "NaN", integer);
  assertRefused("i32", Infinity, "Infinity", integer);
  assertRefused("i32", 2n ** 32n, "4294967296n", integer);
});

Deno.test("an i64 takes bigints from -2^63 to 2^64-1 and safe integers, and is read as a signed bigint", () => {
  assertEquals(passed("i64", -(2n ** 63n)), -(2n ** 63n));
  assertEquals(passed("i64", 2n ** 63n - 1n), 2n ** 63n - 1n);
  assertEquals(passed("i64", 2n ** 64n - 1n), -1n);
  assertEquals(passed("i64", 42), 42n);
  assertEquals(passed("i64", -0), 0n);
  assertEquals(passed("i64", Number.MIN_SAFE_INTEGER), -(2n ** 53n) + 1n);
  const integer = "an i64 (an integer from -2^63 to 2^64-1, written as 9007199254740993n beyond 2^53)";
  assertRefused("i64", 1.5, "1.5", integer);
  assertRefused("i64", 2 ** 53, "9007199254740992", integer);
  assertRefused("i64", 2n ** 64n, "18446744073709551616n", integer);
  assertRefused("i64", -(2n ** 63n) - 1n, "-9223372036854775809n", integer);
  assertRefused("i64", true, "true", "an i64");
});

Deno.test("an f32 rounds as Math.fround does", () => {
  assertEquals(passed("f32", 0.1), Math.fround(0.1));
  assertEquals(passed("f32", 1e300), Infinity);
  assertEquals(passed("f32", 5n), 5);
});

Deno.test("floating-point numbers pass NaN, the infinities and the sign of zero both ways", () => {
  for (const type of ["f32", "f64"] as const) {
    for (const value of [NaN, Infinity, -Infinity, -0, 0]) assertStrictEquals(passed(type, value), value);
  }
  assertEquals(passed("f64", 0.1), 0.1);
  assertEquals(passed("f64", Number.MAX_VALUE), Number.MAX_VALUE);
  assertEquals(passed("f64", 2n ** 53n - 1n), Number.MAX_SAFE_INTEGER);
  assertRefused("f64", false, "false", "an f64");
});

Deno.test("a float takes a bigint that it holds to the last digit, however large, and rounds none", () => {
  for (const value of [2n ** 53n, 2n ** 63n, 2n ** 64n, 10n ** 20n, 2n ** 1023n, 2n ** 1000n + 2n ** 950n]) {
    for (const signed of [value, -value]) assertEquals(passed("f64", signed), Number(signed));
  }
  for (const value of [2n ** 24n, 2n ** 24n + 2n, 2n ** 64n, 2n ** 127n]) {
    for (const signed of [value, -value]) assertEquals(passed("f32", signed), Number(signed));
  }
  assertRefused("f64", 2n ** 53n + 1n, "9007199254740993n", "an f64 (the nearest is 9007199254740992)");
  assertRefused("f32", -(2n ** 24n) - 1n, "-16777217n", "an f32 (the nearest is -16777216)");
  assertRefused("f32", 10n ** 20n, "100000000000000000000n", "an f32 (the nearest is 100000002004087734272)");
  const beyond = (type: NumberType) => `an ${type} (it is beyond the largest)`;
  assertRefused("f32", 2n ** 128n, "340282366920938463463374607431768211456n", beyond("f32"));
  assertRefused("f64", 2n ** 1024n, `${2n ** 1024n}`.slice(0, 40) + "…", beyond("f64"));
});

Deno.test("what is no number is refused, and shown in short", () => {
  assertRefused("i32", "x", '"x"', "an i32");
  assertRefused("f64", "1", '"1"', "an f64");
  assertRefused("i64", "x".repeat(1000), `"${"x".repeat(40)}…"`, "an i64");
  assertRefused("i32", undefined, "undefined", "an i32");
  assertRefused("i32", null, "null", "an i32");
  assertRefused("i32", [1], "an array", "an i32");
  assertRefused("i32", { valueOf: () => 1 }, "an object", "an i32");
  assertRefused("i64", Symbol("s"), "a symbol", "an i64");
  assertRefused("f32", () => 1, "a function", "an f32");
});

Deno.test("the wrong count is refused with the parameters", () => {
  const refused = (parameters: NumberType[], args: unknown[], message: string): void => {
    const error = assertThrows(() => checkArguments("add", { parameters, results: [] }, args), GhostError);
    assertEquals([error.code, error.message], ["BAD_ARGUMENTS", `Cannot call add: ${message}`]);
  };
  refused(["i32", "f64"], [1], "it takes 2 arguments (i32, f64), not 1");
  refused(["i32"], [1, 2], "it takes 1 argument (i32), not 2");
  refused([], [undefined], "it takes no arguments, not 1");
});

Deno.test("a payload of another length than the values have is refused", () => {
  const codec = prepareCodec(["i32", "i64"]);
  const view = new DataView(new ArrayBuffer(32));
  for (const length of [0, 11, 13, 16]) {
    const error = assertThrows(() => codec.read(view, 0, length), GhostError);
    assertEquals(error.code, "BAD_REQUEST");
    assertEquals(error.message, `Cannot read the values: i32, i64 is 12 bytes, not ${length}`);
  }
});

Deno.test("a result is nothing, a value, or the values, there and back", () => {
  assertEquals(resultOf([]), undefined);
  assertEquals(resultOf([3]), 3);
  assertEquals(resultOf([3, 4n]), [3, 4n]);
  for (const values of [[], [3], [3, 4n]]) assertEquals(valuesOf(resultOf(values), values.length), values);
});
