import { assertEquals } from "@std/assert";
import { formatResult } from "../../../gvm/repl/result.ts";

Deno.test("one result prints as it is, several as a list, none not at all", () => {
  assertEquals(formatResult(3), "3");
  assertEquals(formatResult([3]), "3");
  assertEquals(formatResult([1, 2n, -0.5]), "[1, 2, -0.5]");
  assertEquals(formatResult([]), undefined);
  assertEquals(formatResult(undefined), undefined);
});

Deno.test("odd numbers print as what they are", () => {
  assertEquals(formatResult(-9223372036854775808n), "-9223372036854775808");
  assertEquals(formatResult(-0), "-0");
  assertEquals(formatResult([NaN, Infinity, -Infinity, -0]), "[NaN, Infinity, -Infinity, -0]");
  assertEquals(formatResult(false), "false");
});
