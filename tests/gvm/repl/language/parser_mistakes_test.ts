import { assert, assertEquals } from "@std/assert";
import { VERSION_FORM } from "../../../../gmp/names.ts";
import { MAX_LINE_LENGTH } from "../../../../gvm/repl/language/parser.ts";
import { mistake } from "../_trees.ts";
import { run, tree } from "../_trees.ts";

Deno.test("a mistake is named in plain words and pointed at", () => {
  const names = 'use 1 to 64 of a-z, 0-9, ".", "_" and "-"';
  const cases: [line: string, position: number, message: string][] = [
    ["math.add(1,,2)", 11, "expected an argument"],
    ["math.add(,1)", 9, "expected an argument"],
    ["math.add(1,)", 11, "expected an argument"],
    ["math(a,,b)", 7, "expected an argument"],
    ["math.add(1 2)", 11, 'expected "," or ")"'],
    ['math("a"b)', 8, 'expected "," or ")"'],
    ["math.add(1))", 11, "expected the end of the line"],
    ["math add", 5, "expected the end of the line"],
    ["exit now", 5, "expected the end of the line"],
    ["help a b", 7, "expected the end of the line"],
    ["math;;", 5, "expected the end of the line"],
    ["math.add", 8, 'expected "(": a function is called with math.add()'],
    ["math.", 5, "expected the name of a function"],
    ["math..add()", 5, "expected the name of a function"],
    ["math.add!two(1)", 5, 'the name of this function must be in quotes: "add!two"'],
    ["math.add-(1)", 5, 'the name of this function must be in quotes: "add-"'],
    ["math@", 5, "expected a version"],
    ["math@V1", 5, `"V1" is not a version: ${VERSION_FORM}`],
    ["math@nightly.add()", 5, `"nightly" is not a version: ${VERSION_FORM}`],
    ["math@1.0", 5, `"1.0" is not a version: ${VERSION_FORM}`],
    ["math@sha256:0a.add()", 5, '"sha256:0a" is not a hash: a hash is sha256: and 64 of 0-9 and a-f'],
    [",", 0, "expected a command or the name of a module"],
    ["(1)", 0, "expected a command or the name of a module"],
    ["2+2", 0, `"2+2" cannot be the name of a module: ${names}`],
    ['"a..b"', 0, `"a..b" cannot be the name of a module: ${names}`],
    ["node.LIST", 9, 'expected "(": a function is called with node.LIST()'],
    ["Exit", 0, `"Exit" cannot be the name of a module: ${names}; did you mean exit?`],
    ["Node", 4, 'expected "." and a command, such as Node.list()'],
    ["Node.", 5, "expected a command, such as Node.list()"],
    ["Node.conect(x)", 5, "there is no Node.conect; did you mean Node.connect?"],
    ["Node.Run(x)", 5, "there is no Node.Run; did you mean Node.run?"],
    ["Node.frobnicate(x)", 5, "there is no Node.frobnicate"],
    ["Node.list", 9, 'expected "(" after Node.list'],
    ["Node.list(x)", 10, 'expected ")": Node.list takes nothing'],
    ["Node.connect()", 13, "expected the name of a node"],
    ["Node.connect(a b)", 15, 'expected ")"'],
    ["Node.connect(a@b@c)", 16, 'expected ")"'],
    ["Node.connect(a @b)", 15, 'expected ")"'],
    ["Node.connect(@b)", 13, "expected the name of a node"],
    ["Node.connect(a@)", 15, "expected the name of a device"],
    ["Node.connect(A@b)", 13, `"A" cannot be the name of a node: ${names}`],
    ["Node.connect(a@Laptop)", 15, `"Laptop" cannot be the name of a device: ${names}`],
    ["Node.run(a@local, math)", 11, '"local" cannot be the name of a device: the word has another meaning'],
    ['Node.connect("a@B")', 13, `"B" cannot be the name of a device: ${names}`],
    ["Node.reset(math@laptop)", 16, `"laptop" is not a version: ${VERSION_FORM}`],
    ["Node.connect(Node-1)", 13, `"Node-1" cannot be the name of a node: ${names}`],
    ["Node.run(node-1)", 15, 'expected "," and what to run'],
    ["Node.run(node-1,)", 16, "expected a module or a function"],
    ["Node.run(a, Node.list())", 12, "expected a module or a function, such as math.add(1,2)"],
    ["Node.run(a, math, 1)", 16, 'expected ")"'],
    [".laod x", 0, "there is no .laod; did you mean .load?"],
    [".exit", 0, "there is no .exit; did you mean exit?"],
    [".", 0, "there is no ."],
    [".load", 5, "expected the name of a file"],
    [".load ;", 6, "expected the name of a file"],
    ["math(a\ud83d)", 6, "half of a character is in the line"],
    ["math(f(x))", 6, "text with a quote or a parenthesis must be in quotes"],
    ["math(it's)", 7, "text with a quote or a parenthesis must be in quotes"],
    ["math.add(-abc)", 9, 'text must be in quotes: "-abc"'],
    ["math.add([1, 2)", 14, 'expected "," or "]"'],
    ["math.add({a: 1, a: 2})", 16, "a is there twice"],
    ['math.add("a\nb")', 11, 'a line break is written \\n; text of several lines between """'],
    ['math.add("ab', 12, "expected a closing quote"],
    ["c = math", 4, "expected a function that makes a resource"],
    ["c = d = math.add()", 4, "expected a function that makes a resource"],
    ["exit = math.add()", 0, '"exit" cannot name a resource; use a name such as c'],
    ["C = math.add()", 0, '"C" cannot name a resource; use a name such as c'],
    ["drop", 4, 'expected "(": a resource is dropped with drop(c)'],
    ["drop()", 5, "expected the name of a resource"],
    ["drop(c, d)", 6, 'expected ")"'],
    ["math.add(1, 007)", 12, '"007" has a leading zero; octal numbers are written 0o17'],
    ['math.add("\\q")', 10, "there is no such escape; a backslash is written \\\\"],
  ];
  for (const [line, position, message] of cases) {
    assertEquals(mistake(line), { position, message, incomplete: false }, line);
  }
});

Deno.test("an open parenthesis or quote at the end makes a line unfinished, nothing else does", () => {
  for (
    const line of [
      "math.add(",
      "math.add(1",
      "math.add(1,",
      "math.add(1, // and",
      "math.add(1,\n",
      "math(a",
      "math(",
      "Node.run(",
      "Node.run(node-1,",
      "Node.run(node-1, math",
      "Node.run(node-1, math.",
      "Node.run(node-1, math.add(1)",
      "Node.connect(node-1",
      "Node.connect(node-1@",
      "Node.connect(node-1@laptop",
      'math("a',
      'math("a\\',
      '"ma',
      "math.'odd",
      "exit(",
      ".load 'a",
    ]
  ) {
    const { incomplete, position } = mistake(line);
    assert(incomplete, line);
    assertEquals(position, line.length);
  }
  assertEquals(tree('math("a\nb")'), run("math", "a\nb"));
});

Deno.test("a longer line than anyone types is refused before it is read", () => {
  const longest = "a".repeat(60) + " ".repeat(MAX_LINE_LENGTH - 60);
  assertEquals(tree(longest), run("a".repeat(60)));
  const { message, position } = mistake(`${longest} `);
  assertEquals([message, position], ["the line is longer than 65536 characters", MAX_LINE_LENGTH]);
});
