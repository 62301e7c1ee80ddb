import { assert, assertEquals } from "@std/assert";
import { checkArguments, prepareCodec } from "../../../gmp/types/values.ts";
import { readLiteral } from "../../../gmp/types/wave/literal.ts";
import { formatResult } from "../../../gvm/repl/result.ts";

Deno.test("one result prints as it is, several as a list, none not at all", () => {
  assertEquals(formatResult(3, ["i32"]), "3");
  assertEquals(formatResult([3], ["i32"]), "3");
  assertEquals(formatResult([1, 2n, -0.5], ["i32", "i64", "f64"]), "[1, 2, -0.5]");
  assertEquals(formatResult([], []), undefined);
  assertEquals(formatResult(undefined, []), undefined);
});

Deno.test("odd numbers print as what they are", () => {
  assertEquals(formatResult(-9223372036854775808n, ["i64"]), "-9223372036854775808");
  for (const type of ["f32", "f64"] as const) {
    assertEquals(formatResult(-0, [type]), "-0");
    const types = [type, type, type, type];
    assertEquals(formatResult([NaN, Infinity, -Infinity, 0], types), "[NaN, Infinity, -Infinity, 0]");
  }
});

Deno.test("an f32 prints with the digits that it has, an f64 with its own", () => {
  const tenth = Math.fround(0.1);
  assertEquals(formatResult(tenth, ["f32"]), "0.1");
  assertEquals(formatResult([tenth, tenth], ["f64", "f32"]), "[0.10000000149011612, 0.1]");
  for (
    const [value, text] of [
      [3.4028234663852886e38, "3.4028235e+38"], // the largest
      [1.401298464324817e-45, "1e-45"], // the smallest
      [16777216, "16777216"],
      [-2.5, "-2.5"],
      [Math.fround(1 / 3), "0.33333334"],
    ] as const
  ) assertEquals(formatResult(value, ["f32"]), text);
});

Deno.test("what prints of an f32 is read back as the same f32", () => {
  const view = new DataView(new ArrayBuffer(4));
  for (let bits = 0; bits < 0x7f80_0000; bits += 65_521) {
    view.setUint32(0, bits);
    const value = view.getFloat32(0);
    const text = formatResult(value, ["f32"])!;
    assert(Math.fround(Number(text)) === value, `${value} printed as ${text}`);
    assert(text.length <= String(value).length, `${value} printed as ${text}`);
  }
});

Deno.test("what prints of a float can be typed again and is the same float", () => {
  const view = new DataView(new ArrayBuffer(8));
  const types = ["f32", "f64"] as const;
  const check = (value: number, type: "f32" | "f64") => {
    const text = formatResult(value, [type])!;
    const typed = readLiteral(text) as number | bigint;
    const signature = { parameters: [type], results: [] };
    checkArguments("f", signature, [typed]);
    prepareCodec([type]).write(view, 0, [typed]);
    const passed = prepareCodec([type]).read(view, 0, type === "f32" ? 4 : 8)[0];
    assert(Object.is(passed, value), `${value} of type ${type} printed as ${text}`);
  };
  for (const type of types) {
    for (let exponent = 0; exponent <= (type === "f32" ? 127 : 1023); exponent++) {
      for (const fraction of [1, 1.25, 1.9999998807907104, 1.1920928955078125]) {
        for (const sign of [1, -1]) check(sign * fraction * 2 ** exponent, type);
      }
    }
  }
  for (let i = 0; i < 2000; i++) {
    const bits = crypto.getRandomValues(new Uint32Array(2));
    view.setUint32(0, bits[0]!);
    view.setUint32(4, bits[1]!);
    check(view.getFloat64(0), "f64");
    view.setUint32(0, bits[0]!);
    check(view.getFloat32(0), "f32");
  }
  assertEquals(formatResult(2 ** 53, ["f64"]), "9007199254740992");
  assertEquals(formatResult(-(2 ** 60), ["f64"]), "-1152921504606846976");
});
