import { assert, assertEquals } from "@std/assert";
import { withoutSpans } from "../_trees.ts";
import { call, expression, run, tree } from "../_trees.ts";

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

Deno.test("what runs may be given a file, here and elsewhere", () => {
  const input = { input: "my notes.txt" };
  const run = { kind: "run", module: "wc", version: undefined, argv: [], ...input };
  assertEquals(tree("wc < my notes.txt"), run);
  assertEquals(tree('wc() <"my notes.txt" ; // now'), run);
  assertEquals(tree("Node.run(n, wc) < my notes.txt"), { kind: "remote", node: "n", target: run });
  assertEquals((tree("m.f()<x") as { input: string }).input, "x");
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

Deno.test("a node's name may have its device behind it; elsewhere @ is a version's sign", () => {
  const node = "node-8399@laptop";
  assertEquals(tree(`Node.connect(${node})`), { kind: "connect", node });
  assertEquals(tree(`Node.disconnect( ${node} )`), { kind: "disconnect", node });
  assertEquals(tree(`Node.connect("${node}")`), { kind: "connect", node });
  assertEquals(tree("Node.connect(my.node@my.laptop)"), { kind: "connect", node: "my.node@my.laptop" });
  assertEquals(tree(`Node.run(${node}, math@v1.0.0.add(1))`), {
    kind: "remote",
    node,
    target: { kind: "call", module: "math", version: "v1.0.0", function: "add", arguments: [1] },
  });
  const found = expression(`Node.run(${node},math)`);
  assert(found.kind === "remote");
  assertEquals([found.node.start, found.node.end], [9, 25]);
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

Deno.test("a hash in place of a version goes up to the function, too", () => {
  const version = `sha256:${"0a".repeat(32)}`;
  assertEquals(tree(`math@${version}`), { kind: "run", module: "math", version, argv: [] });
  const call = { kind: "call", module: "math", version, function: "add", arguments: [1] };
  assertEquals(tree(`math@${version}.add(1)`), call);
  assertEquals(tree(`math@"${version}".add(1)`), call);
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

Deno.test("the arguments of a component's function are values of any kind", () => {
  const line =
    'greeter.birthday({name: "Ada", tags: ["x",], at: (1, -0x1f)}, rect((2, 3)), %none, {read, write}, b"\\x00a")';
  const at = (name: string) => ({ kind: "label", name, escaped: false });
  assertEquals(withoutSpans(expression(line)), {
    ...call("greeter", "birthday") as object,
    arguments: [
      {
        kind: "record",
        fields: [
          { key: { name: "name" }, item: "Ada" },
          { key: { name: "tags" }, item: { kind: "list", items: ["x"] } },
          { key: { name: "at" }, item: { kind: "tuple", items: [1, -31] } },
        ],
      },
      { ...at("rect"), payload: { kind: "tuple", items: [2, 3] } },
      { ...at("none"), escaped: true },
      { kind: "flags", flags: [{ name: "read" }, { name: "write" }] },
      [0, 97],
    ],
  });
  assertEquals(tree("math.f(@~/a-b.txt)"), call("math", "f", { kind: "file", path: "~/a-b.txt" }));
  assertEquals(tree('math.f(@"a b")'), call("math", "f", { kind: "file", path: "a b" }));
  assertEquals(tree('math.f("""\n  a\n  b\n  """)'), call("math", "f", "a\nb"));
});

Deno.test("what stands before a function may be an interface or a resource, also behind a version", () => {
  const merge = { kind: "call", function: "merge", arguments: [] };
  assertEquals(tree("greeter.say-hello()"), call("greeter", "say-hello"));
  assertEquals(tree("greeter.counter.merge()"), { ...merge, module: "greeter.counter", version: undefined });
  const within = {
    ...merge,
    module: "greeter",
    version: undefined,
    within: ["ghost:demo/greeter@1.0.0", "counter"],
  };
  assertEquals(tree('greeter."ghost:demo/greeter@1.0.0".counter.merge()'), within);
  const versioned = { ...merge, module: "greeter", version: "v1.0.0", within: ["counter"] };
  assertEquals(tree("greeter@v1.0.0.counter.merge()"), versioned);
});

Deno.test("a resource is named, called and dropped", () => {
  const made = { ...call("greeter", "counter", 5) as object };
  assertEquals(tree("c = greeter.counter(5)"), { kind: "assign", name: "c", call: made, node: undefined });
  assertEquals(tree("my-c=Node.run(n, greeter.counter(5)) ; // x"), {
    kind: "assign",
    name: "my-c",
    call: made,
    node: "n",
  });
  assertEquals(tree("counter#1.next()"), call("counter#1", "next"));
  assertEquals(tree("drop(c)"), { kind: "drop", name: "c" });
  assertEquals(tree("drop( counter#12 );"), { kind: "drop", name: "counter#12" });
  assertEquals(tree("drop.now()"), call("drop", "now"));
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
