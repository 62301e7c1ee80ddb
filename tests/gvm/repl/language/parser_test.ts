import { assert, assertEquals } from "@std/assert";
import { VERSION_FORM } from "../../../../gmp/names.ts";
import { MAX_LINE_LENGTH, parse } from "../../../../gvm/repl/language/parser.ts";
import type { Expression } from "../../../../gvm/repl/language/syntax.ts";
import { mistake, withoutSpans } from "../_trees.ts";

function tree(line: string): unknown {
  return withoutSpans(expression(line));
}

function expression(line: string): Expression {
  const result = parse(line);
  if (!result.ok) throw result.error;
  return result.expression;
}

function run(module: string, ...argv: string[]): unknown {
  return { kind: "run", module, version: undefined, argv };
}

function call(module: string, name: string, ...values: unknown[]): unknown {
  return { kind: "call", module, version: undefined, function: name, arguments: values };
}

Deno.test("an empty line, blanks, a comment and a lone semicolon say nothing", () => {
  for (const line of ["", "  \t ", "// math", " ;", "; // done", "\n\n"]) {
    assertEquals(tree(line), { kind: "empty" });
  }
});

Deno.test("commands stand alone, with or without parentheses", () => {
  assertEquals(tree("help"), { kind: "help", topic: undefined });
  assertEquals(tree("help()"), { kind: "help", topic: undefined });
  assertEquals(tree("help ;"), { kind: "help", topic: undefined });
  assertEquals(tree("help Node.run"), { kind: "help", topic: "Node.run" });
  assertEquals(tree("help .load // please"), { kind: "help", topic: ".load" });
  assertEquals(tree("exit"), { kind: "exit" });
  assertEquals(tree(" exit ( ) ; "), { kind: "exit" });
});

Deno.test(".load takes the rest of the line, or a quoted file", () => {
  assertEquals(tree(".load setup.ghost"), { kind: "load", file: "setup.ghost" });
  assertEquals(tree(".load ./my files/it's.txt ; // now"), { kind: "load", file: "./my files/it's.txt" });
  assertEquals(tree('.load "a;b"'), { kind: "load", file: "a;b" });
  assertEquals(tree(".load http://x // y"), { kind: "load", file: "http://x" });
});

Deno.test("each command of Node is read", () => {
  assertEquals(tree("Node.discover()"), { kind: "discover" });
  assertEquals(tree("Node.list()"), { kind: "list" });
  assertEquals(tree("Node.modules()"), { kind: "modules" });
  assertEquals(tree("Node.connect(node-8399)"), { kind: "connect", node: "node-8399" });
  assertEquals(tree("Node.connect(node.local)"), { kind: "connect", node: "node.local" });
  assertEquals(tree("Node.disconnect('node-8399')"), { kind: "disconnect", node: "node-8399" });
  assertEquals(tree("Node.reset(math)"), { kind: "reset", module: "math", version: undefined });
  assertEquals(tree("Node.reset(my.math@v1.0.0-x.y)"), {
    kind: "reset",
    module: "my.math",
    version: "v1.0.0-x.y",
  });
});

Deno.test("Node.run takes whatever could run here", () => {
  const remote = (target: unknown) => ({ kind: "remote", node: "node-8399", target });
  assertEquals(tree("Node.run(node-8399, math)"), remote(run("math")));
  assertEquals(tree("Node.run(node-8399, math(a,b))"), remote(run("math", "a", "b")));
  assertEquals(tree("Node.run(node-8399,math.add(34,34))"), remote(call("math", "add", 34, 34)));
  assertEquals(
    tree("Node.run(node-8399, math@v1.0.0.add(1,2))"),
    remote({ kind: "call", module: "math", version: "v1.0.0", function: "add", arguments: [1, 2] }),
  );
});

Deno.test("whitespace and line breaks are free between tokens", () => {
  assertEquals(
    tree(" Node . run\n( node-1 , // where\n math @ v0.0.1 . add ( 1 ,\n 2 ) ) ; // done"),
    tree("Node.run(node-1,math@v0.0.1.add(1,2))"),
  );
});

Deno.test("the last dotted part of a bare name is a function if it begins like an identifier", () => {
  assertEquals(tree("math.add()"), call("math", "add"));
  assertEquals(tree("my.math.add()"), call("my.math", "add"));
  assertEquals(tree("math._start()"), call("math", "_start"));
  assertEquals(tree("lib.2"), run("lib.2"));
  assertEquals(tree("lib.2(a)"), run("lib.2", "a"));
  assertEquals(tree("lib.2.add(1)"), call("lib.2", "add", 1));
  assertEquals(tree("my-lib_2.f(1)"), call("my-lib_2", "f", 1));
  assertEquals(tree('my.math."odd name"(1)'), call("my.math", "odd name", 1));
});

Deno.test("a version goes up to the function", () => {
  const version = (text: string) => ({ kind: "run", module: "math", version: text, argv: [] });
  assertEquals(tree("math@v0.0.1"), version("v0.0.1"));
  assertEquals(tree("math@1.0.0-rc.1"), version("1.0.0-rc.1"));
  assertEquals(tree('math@"1.0.0-rc.beta"'), version("1.0.0-rc.beta"));
  assertEquals(
    tree("math@1.0.0-rc.x.add(1)"),
    { kind: "call", module: "math", version: "1.0.0-rc.x", function: "add", arguments: [1] },
  );
  assertEquals(tree("my.math@v1.0.0"), { kind: "run", module: "my.math", version: "v1.0.0", argv: [] });
});

Deno.test("quotes say where a name ends", () => {
  assertEquals(tree('"my.math"'), run("my.math"));
  assertEquals(tree('"my.math".add(1)'), call("my.math", "add", 1));
  assertEquals(tree('"my.math"(a)'), run("my.math", "a"));
  assertEquals(tree('math."odd.name (x)"(1)'), call("math", "odd.name (x)", 1));
  assertEquals(tree('math.""()'), call("math", ""));
});

Deno.test("modules may be called help and exit", () => {
  assertEquals(tree('"exit"'), run("exit"));
  assertEquals(tree("exit.now()"), call("exit", "now"));
  assertEquals(tree("help@v1.0.0"), { kind: "run", module: "help", version: "v1.0.0", argv: [] });
  assertEquals(tree("Node.run(n, help)"), { kind: "remote", node: "n", target: run("help") });
  assertEquals(tree('"help"(x)'), run("help", "x"));
});

Deno.test("the arguments of a module keep their spelling", () => {
  assertEquals(
    tree("math(--flag, 007, a=b, ./x, a b , http://x, $1;2\\n)"),
    run("math", "--flag", "007", "a=b", "./x", "a b", "http://x", "$1;2\\n"),
  );
  assertEquals(tree('math(a, "b, c", \'d)\', "")'), run("math", "a", "b, c", "d)", ""));
  assertEquals(tree("math(a // one\n, b)"), run("math", "a", "b"));
  assertEquals(tree("math()"), tree("math"));
});

Deno.test("the arguments of a function are values", () => {
  assertEquals(
    tree(`math.add(1, -0x1f, 5n, true, "a\\tb", 'c', 9007199254740993, NaN)`),
    call("math", "add", 1, -31, 5n, true, "a\tb", "c", 9007199254740993n, NaN),
  );
});

Deno.test("spans point at what they are of", () => {
  const line = '  Node.run("node-1" , math@v1.0.0.add( 1, "x") ) // c';
  const found = expression(line);
  assert(found.kind === "remote" && found.target.kind === "call");
  const { target } = found;
  const at = ({ start, end }: { start: number; end: number }) => line.slice(start, end);
  assertEquals(at(found), 'Node.run("node-1" , math@v1.0.0.add( 1, "x") )');
  assertEquals(at(found.node), '"node-1"');
  assertEquals(at(target), 'math@v1.0.0.add( 1, "x")');
  assertEquals(at(target.module), "math");
  assertEquals(at(target.version!), "v1.0.0");
  assertEquals(at(target.function), "add");
  assertEquals(target.arguments.map(at), ["1", '"x"']);
  const plain = expression("math( a b , c)");
  assert(plain.kind === "run");
  assertEquals(plain.argv.map(({ start, end }) => [start, end]), [[6, 9], [12, 13]]);
});

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
    ["math.add-two(1)", 5, 'the name of this function must be in quotes: "add-two"'],
    ["math@", 5, "expected a version"],
    ["math@V1", 5, `"V1" is not a version: ${VERSION_FORM}`],
    ["math@nightly.add()", 5, `"nightly" is not a version: ${VERSION_FORM}`],
    ["math@1.0", 5, `"1.0" is not a version: ${VERSION_FORM}`],
    [",", 0, "expected a command or the name of a module"],
    ["(1)", 0, "expected a command or the name of a module"],
    ["2+2", 0, `"2+2" cannot be the name of a module: ${names}`],
    ['"a..b"', 0, `"a..b" cannot be the name of a module: ${names}`],
    ["node.LIST", 9, 'expected "(": a function is called with node.LIST()'],
    ["NODE.list()", 0, `"NODE" cannot be the name of a module: ${names}; did you mean Node?`],
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
    ["Node.connect(a@b)", 14, 'expected ")"'],
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
    ["math.add(abc)", 9, 'text must be in quotes: "abc"'],
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
