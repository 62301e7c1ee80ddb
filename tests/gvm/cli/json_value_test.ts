import { assertEquals } from "@std/assert";
import { valueAsJson } from "../../../gvm/cli/json_value.ts";

Deno.test("numbers within values are JSON as those of core modules are: an f32 by its own digits, -0 with its sign", () => {
  const value = [[Math.fround(0.1), -0, NaN], [0.1, -0, -Infinity], [-1n, 2n ** 64n - 1n, 3]];
  const json = valueAsJson(value, 0, [
    ["tuple", [1, 2, 3]],
    ["list", "f32"],
    ["list", "f64"],
    ["tuple", ["s64", "u64", "u8"]],
  ], () => "");
  assertEquals(
    JSON.stringify(json),
    '[[0.1,-0,"NaN"],[0.1,-0,"-Infinity"],["-1","18446744073709551615",3]]',
  );
});
