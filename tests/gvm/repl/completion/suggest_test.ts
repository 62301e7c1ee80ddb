import { assertEquals } from "@std/assert";
import { parse } from "../../../../gvm/repl/language/parser.ts";
import { accept, signatureHelp, suggest } from "../../../../gvm/repl/completion/suggest.ts";
import type { Vocabulary } from "../../../../gvm/repl/completion/vocabulary.ts";

const VOCABULARY: Vocabulary = {
  nodes: ["node-5651", "node-8399", "node-8400"],
  connected: ["node-8399"],
  modules: [
    {
      name: "math",
      versions: ["v0.0.1", "v0.1.0"],
      functions: [
        { name: "add", signature: "add(i32, i32) -> i32" },
        { name: "pi", signature: "pi() -> f64" },
        { name: "odd (name)", signature: '"odd (name)"(i64)' },
      ],
    },
    { name: "my.module", versions: ["v1.0.0"] },
    { name: "help", versions: [] },
  ],
};

/** Candidates as "text  hint". */
function candidates(line: string): string[] {
  return suggest(parse(line), VOCABULARY).map(({ text, hint }) => `${text}  ${hint}`);
}

/** The line after the first candidate was taken. */
function completed(line: string): string | undefined {
  const [first] = suggest(parse(line), VOCABULARY);
  return first && accept(line, first);
}

Deno.test("an empty line offers every command and module", () => {
  assertEquals(suggest(parse(""), VOCABULARY).map(({ text }) => text), [
    ...["Node.discover()", "Node.connect(", "Node.list()", "Node.disconnect(", "Node.run(", "Node.modules()"],
    ...["Node.reset(", "drop(", ".load ", "help", "exit", "math", '"my.module"', '"help"'],
  ]);
});

Deno.test("commands are completed with what they do", () => {
  assertEquals(candidates("Node.co"), ["connect(  connect to a node"]);
  assertEquals(candidates("no").length, 7);
  assertEquals(candidates("e"), ["exit  leave, as Ctrl-D does"]);
  assertEquals(candidates("."), [".load   run the lines of a file"]);
  assertEquals(completed("Node.disc"), "Node.discover()");
  assertEquals(candidates("help ."), [".load  run the lines of a file"]);
  assertEquals(completed("help node.ru"), "help Node.run");
});

Deno.test("Node.connect offers the nodes that are not connected, the others those that are", () => {
  assertEquals(candidates("Node.connect("), ["node-5651)  node", "node-8400)  node"]);
  assertEquals(candidates("Node.disconnect(no"), ["node-8399)  connected node"]);
  assertEquals(completed("Node.run("), "Node.run(node-8399, ");
  assertEquals(completed("Node.connect(node-84"), "Node.connect(node-8400)");
  assertEquals(candidates("Node.connect(node-8400)"), []);
});

Deno.test("nodes of other devices are completed whole, also behind @", () => {
  const nodes = ["node-5651", "node-8399@laptop", "node-8399@pi"];
  const vocabulary = { ...VOCABULARY, nodes, connected: ["node-8399@laptop"] };
  const lines = (line: string) =>
    suggest(parse(line), vocabulary).map((candidate) => accept(line, candidate));
  assertEquals(lines("Node.connect(node-8"), ["Node.connect(node-8399@pi)"]);
  assertEquals(lines("Node.connect(node-8399@"), ["Node.connect(node-8399@pi)"]);
  assertEquals(lines("Node.connect(node-8399@p"), ["Node.connect(node-8399@pi)"]);
  assertEquals(lines("Node.run(node-8399@la"), ["Node.run(node-8399@laptop, "]);
  assertEquals(lines("Node.disconnect("), ["Node.disconnect(node-8399@laptop)"]);
});

Deno.test("modules, versions and functions are completed, here and on another node", () => {
  for (const before of ["", "Node.run(node-8399, "]) {
    assertEquals(candidates(`${before}ma`), ["math  module v0.0.1, v0.1.0"]);
    assertEquals(candidates(`${before}math@v0.0`), ["v0.0.1  version of math"]);
    assertEquals(candidates(`${before}math@0.0`), ["v0.0.1  version of math"]);
    assertEquals(candidates(`${before}math@v0.0.1.a`), ["add(  add(i32, i32) -> i32"]);
    assertEquals(candidates(`${before}math.`), [
      "add(  add(i32, i32) -> i32",
      "pi()  pi() -> f64",
      '"odd (name)"(  "odd (name)"(i64)',
    ]);
    assertEquals(completed(`${before}math."o`), `${before}math."odd (name)"(`);
  }
  assertEquals(completed("Node.reset(ma"), "Node.reset(math");
});

Deno.test("a name with a dot is completed in quotes", () => {
  assertEquals(completed("my"), '"my.module"');
  assertEquals(completed("my.mo"), '"my.module"');
  assertEquals(completed('"my.mo'), '"my.module"');
});

Deno.test("nothing is offered where nothing known fits", () => {
  for (
    const line of [
      "math.add(",
      "math(",
      'math.add("ma',
      "ma // ma",
      "math ",
      "xyz",
      "nosuch.",
      "exit ",
    ]
  ) {
    assertEquals(candidates(line).filter((text) => !text.startsWith("Node.")), [], line);
  }
});

Deno.test("while arguments are typed the signature is shown, with the one that is due", () => {
  const help = (line: string) => {
    const found = signatureHelp(parse(line), VOCABULARY);
    if (!found) return undefined;
    const { signature, argument, active } = found;
    return [signature, argument, active && `${active.start}-${active.end}`];
  };
  const signature = "add(i32, i32) -> i32";
  assertEquals(help("math.add("), [signature, 0, "4-7"]);
  assertEquals(help("Node.run(node-8399, math@v0.0.1.add(1 "), [signature, 0, "4-7"]);
  assertEquals(help("math.add(1,"), [signature, 1, "9-12"]);
  assertEquals(help('math.add(1, "x'), [signature, 1, "9-12"]);
  assertEquals(help("math.add(1, 2, "), [signature, 2, undefined]);
  assertEquals(help('math."odd (name)"('), ['"odd (name)"(i64)', 0, "13-16"]);
  for (
    const line of ["math.add(1, 2)", "math.add", "math(", "math.nosuch(", "nosuch.add("]
  ) {
    assertEquals(help(line), undefined, line);
  }
});
