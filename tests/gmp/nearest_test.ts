import { assertEquals } from "@std/assert";
import { didYouMean, nearest } from "../../gmp/nearest.ts";

Deno.test("a slip of the keys is recognised", () => {
  const commands = ["discover", "connect", "list", "disconnect", "run"];
  assertEquals(nearest("conect", commands), "connect");
  assertEquals(nearest("disconect", commands), "disconnect");
  assertEquals(nearest("LIST", commands), "list");
  assertEquals(nearest("mtah", ["help", "math"]), "math");
  assertEquals(nearest("rum", commands), "run");
  assertEquals(nearest("node-8398", ["node-5651", "node-8399"]), "node-8399");
});

Deno.test("what is near nothing is left alone", () => {
  assertEquals(nearest("frobnicate", ["discover", "run"]), undefined);
  assertEquals(nearest("ab", ["xy"]), undefined);
  assertEquals(nearest("a", ["5"]), undefined);
  assertEquals(nearest("x", []), undefined);
  assertEquals(nearest("", ["a"]), undefined);
  assertEquals(nearest("a".repeat(65), ["a".repeat(64)]), undefined);
});

Deno.test("a suggestion is the end of a sentence", () => {
  assertEquals(didYouMean("ad", ["add"], "math."), "; did you mean math.add?");
  assertEquals(didYouMean("frobnicate", ["add"]), "");
});
