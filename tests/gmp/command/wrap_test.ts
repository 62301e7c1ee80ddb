import { assertEquals } from "@std/assert";
import { padded, wrap } from "../../../gmp/command/wrap.ts";

Deno.test("lines are as wide as a terminal shows them: a character may take two columns, or none", () => {
  assertEquals(wrap("日本語 日本語 ab", 9), ["日本語", "日本語 ab"]);
  assertEquals(wrap("e\u0301e\u0301 e\u0301e\u0301", 5), ["e\u0301e\u0301 e\u0301e\u0301"]);
  assertEquals(wrap("a longerword b", 6), ["a", "longerword", "b"]);
  assertEquals([padded("日本", 6), padded("ab", 6), padded("longer", 3)], ["日本  ", "ab    ", "longer"]);
});
