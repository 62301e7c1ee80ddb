import { assert, assertEquals } from "@std/assert";
import { parse } from "../../../../gvm/repl/language/parser.ts";
import { completionsOf } from "../../../../gvm/repl/completion/completions.ts";

const VOCABULARY = {
  nodes: ["node-5651", "node-8399"],
  connected: ["node-8399"],
  modules: [{
    name: "math",
    versions: ["v0.0.1"],
    functions: [
      { name: "add", signature: "add(i32, i32) -> i32" },
      { name: "pi", signature: "pi() -> f64" },
      { name: "odd name", signature: '"odd name"(i64)' },
    ],
  }],
};

/** What is shown for `text`, and the line that it stands for. */
function completions(text: string): [string, string][] {
  return completionsOf(parse(text), VOCABULARY).map(({ shown, line }) => [shown, line]);
}

Deno.test("commands, nodes and modules are shown as they are completed", () => {
  assertEquals(completions("Node.dis"), [
    ["Node.discover()", "Node.discover()"],
    ["Node.disconnect(", "Node.disconnect("],
  ]);
  assertEquals(completions("Node.connect(node-5"), [["Node.connect(node-5651)", "Node.connect(node-5651)"]]);
  assertEquals(completions("ma"), [["math", "math"]]);
});

Deno.test("a function is shown with its signature, and completed to its name", () => {
  assertEquals(completions("math.a"), [["math.add(i32, i32) -> i32", "math.add("]]);
  assertEquals(completions("math.p"), [["math.pi() -> f64", "math.pi()"]]);
  assertEquals(completions("Node.run(node-8399, math.a"), [
    ["Node.run(node-8399, math.add(i32, i32) -> i32", "Node.run(node-8399, math.add("],
  ]);
});

Deno.test("a name that needs quotes is completed with them", () => {
  assertEquals(completions('math."o'), [['math."odd name"(i64)', 'math."odd name"(']]);
});

Deno.test("while arguments are typed the rest of the signature is shown, and nothing completed", () => {
  const rest = (text: string) => {
    const [completion, ...others] = completions(text);
    assert(completion !== undefined && others.length === 0);
    assertEquals(completion[1], text);
    return completion[0];
  };
  assertEquals(rest("math.add("), "math.add(i32, i32) -> i32");
  assertEquals(rest("math.add(1"), "math.add(1, i32) -> i32");
  assertEquals(rest("math.add(1,"), "math.add(1, i32) -> i32");
  assertEquals(rest("math.add(1, "), "math.add(1, i32) -> i32");
  assertEquals(rest("math.add(1, 2"), "math.add(1, 2) -> i32");
});

Deno.test("beyond the last argument, after the call and for what is unknown nothing is shown", () => {
  for (const text of ["math.add(1, 2, ", "math.add(1,2)", "math.unknown(", "nothing.add("]) {
    assertEquals(completions(text), []);
  }
});
