import { assertEquals } from "@std/assert";
import { commonLine, listChoices } from "../../../../gvm/repl/completion/choices.ts";
import type { Completion } from "../../../../gvm/repl/completion/line_input.ts";

function completion(line: string, name = line, hint = ""): Completion {
  return { shown: line, line, name, hint };
}

Deno.test("Tab takes what all completions begin with", () => {
  assertEquals(commonLine("ma", [completion("math")]), "math");
  assertEquals(commonLine("math.a", [completion("math.add("), completion("math.addf(")]), "math.add");
  assertEquals(commonLine("MAT", [completion("math"), completion("matrix")]), "MAT");
  assertEquals(commonLine("M", [completion("math"), completion("matrix")]), "mat");
  assertEquals(commonLine("MATH", [completion("math")]), "math");
});

Deno.test("Tab leaves a line that could go different ways, or nowhere, as it is", () => {
  assertEquals(commonLine("math.", [completion("math.add("), completion("math.sub(")]), "math.");
  assertEquals(commonLine("math.add", [completion("math.add("), completion("math.addf(")]), "math.add");
  assertEquals(commonLine("nothing", []), "nothing");
});

Deno.test("choices are listed with their hints where all of them have room", () => {
  const choices = [completion("a.b", "b", "first"), completion("a.cc(", "cc(", "second")];
  assertEquals(listChoices(choices), "b    first\ncc(  second");
  assertEquals(listChoices(choices, 12), "b    first\ncc(  second");
  assertEquals(listChoices(choices, 11), "b\ncc(");
  assertEquals(listChoices([completion("x.f(", "f(i32) -> i32")], 12), "f(i32) ->\n  i32");
  assertEquals(listChoices([completion("x.f(", "f(i32) -> i32")]), "f(i32) -> i32");
});

Deno.test("more choices than a screen shows are counted", () => {
  const many = Array.from({ length: 50 }, (_, i) => completion(`f${i}`));
  const lines = listChoices(many).split("\n");
  assertEquals([lines.length, lines[39], lines[40]], [41, "f39", "and 10 more"]);
});
