import { assert, assertFalse } from "@std/assert";
import { isLabel } from "../../../gmp/types/label.ts";

Deno.test("labels are in kebab case, each word in one case", () => {
  for (const label of ["a", "A", "first-name", "HTTP-status", "x1", "a-1-b-2", "a11-B11-123-ABC-1a-1A"]) {
    assert(isLabel(label), label);
  }
  for (const text of ["", "1", "1-a", "a-", "a--b", "aB", "Ab", "a_b", "a.b", "ä", "a b", "a-1aB", "-a"]) {
    assertFalse(isLabel(text), text);
  }
});

Deno.test("no text takes long to tell: a digit is of a word or of an acronym, and only one of them is tried", () => {
  const began = performance.now();
  assertFalse(isLabel("a" + "-1".repeat(100_000) + "!"));
  assert(performance.now() - began < 1000);
});
