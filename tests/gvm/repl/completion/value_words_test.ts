import { assert, assertEquals } from "@std/assert";
import { parseComponentTypes } from "../../../../gmp/types/parse_type_text.ts";
import { completionsOf } from "../../../../gvm/repl/completion/completions.ts";
import type { KnownFunction, Vocabulary } from "../../../../gvm/repl/completion/vocabulary.ts";
import { parse } from "../../../../gvm/repl/language/parser.ts";

const PERSON = "record {name: string, age: u32, email: option<string>, none: bool}";

/** A function as a node describes it. */
function known(name: string, types: string): KnownFunction {
  assert(parseComponentTypes(types) !== undefined, types);
  return { name, signature: name + types };
}

const VOCABULARY: Vocabulary = {
  nodes: ["node-8399"],
  connected: ["node-8399"],
  modules: [{
    name: "greeter",
    versions: ["v0.0.1"],
    functions: [
      known("greet", "(name: string) -> string"),
      known("birthday", `(p: ${PERSON}, deep: list<tuple<u8, option<${PERSON}>>>) -> ${PERSON}`),
      known("area", "(s: variant {circle(f64), rect(tuple<f64, bool>), empty, none}) -> result<f64, string>"),
      known("open", "(how: flags {read, write}, mode: enum {fast, slow}, deep: result<bool, enum {x-1, y}>)"),
      known("size", "(data: list<u8>) -> u32"),
      known("watch", `(people: stream<${PERSON}>, mode: future<enum {fast, slow}>) -> stream<u8>`),
      known("counter", "(start: u32) -> counter"),
      known("counter.merge", "(a: counter, b: counter) -> counter"),
      known("counter.next", "(self: borrow<counter>) -> u32"),
      known("counter.add", "(self: borrow<counter>, n: u32)"),
      known("ghost:demo/greeter@1.0.0.say-hello", "(how: enum {loud, low})"),
    ],
  }],
  files: ["photo.jpg", "two words"],
  resources: [
    { name: "c", resource: "counter", module: "greeter" },
    { name: "counter#1", resource: "counter", module: "greeter" },
    { name: "f", resource: "file", module: "files" },
  ],
};

/** What is shown for `text`, and the line that it stands for. */
function completions(text: string): [string, string][] {
  return completionsOf(parse(text), VOCABULARY).map(({ shown, line }) => [shown, line]);
}

/** The lines that `text` could become. */
function lines(text: string): string[] {
  return completions(text).map(([, line]) => line).filter((line) => line !== text);
}

Deno.test("the parameters of a component are shown with their names and types", () => {
  assertEquals(completions("greeter.gre"), [["greeter.greet(name: string) -> string", "greeter.greet("]]);
  assertEquals(completions("greeter.greet("), [["greeter.greet(name: string) -> string", "greeter.greet("]]);
  assertEquals(completions('greeter.greet("A'), [['greeter.greet("A) -> string', 'greeter.greet("A']]);
  const rest = `deep: list<tuple<u8, option<${PERSON}>>>) -> ${PERSON}`;
  assertEquals(
    completions('greeter.birthday({name: "Ada"},')[0]![0],
    `greeter.birthday({name: "Ada"}, ${rest}`,
  );
});

Deno.test("fields are completed with their types, and only those that are not there yet", () => {
  const at = "greeter.birthday({name: 1, ";
  assertEquals(completions(at), [
    [`${at}age: u32`, `${at}age: `],
    [`${at}email: option<string>`, `${at}email: `],
    [`${at}none: bool`, `${at}none: `],
  ]);
  assertEquals(lines("Node.run(node-8399, greeter.birthday({na"), [
    "Node.run(node-8399, greeter.birthday({name: ",
  ]);
  assertEquals(lines("greeter.birthday({none: t"), ["greeter.birthday({none: true"]);
  // Through a list, a tuple and an option that is not written.
  assertEquals(lines("greeter.birthday({:}, [(1, {:}), (2, {a"), [
    "greeter.birthday({:}, [(1, {:}), (2, {age: ",
  ]);
  assertEquals(lines("greeter.birthday({:}, [(2, some({a"), ["greeter.birthday({:}, [(2, some({age: "]);
  assertEquals(lines("greeter.birthday({:}, [(2, s"), ["greeter.birthday({:}, [(2, some("]);
});

Deno.test("cases, enums, flags and truth values are completed", () => {
  assertEquals(completions("greeter.area(r"), [[
    "greeter.area(rect(tuple<f64, bool>)",
    "greeter.area(rect(",
  ]]);
  assertEquals(lines("greeter.area(n"), ["greeter.area(%none"]);
  assertEquals(
    lines("greeter.area("),
    ["circle(", "rect(", "empty", "%none"].map((one) => `greeter.area(${one}`),
  );
  assertEquals(lines("greeter.area(rect((1, f"), ["greeter.area(rect((1, false"]);
  assertEquals(lines("greeter.open({read, "), ["greeter.open({read, write"]);
  assertEquals(lines("greeter.open({read}, s"), ["greeter.open({read}, slow"]);
  assertEquals(lines("greeter.open({}, fast, err(x"), ["greeter.open({}, fast, err(x-1"]);
  assertEquals(lines("greeter.open({}, fast, o"), ["greeter.open({}, fast, ok("]);
});

Deno.test("files and resources are completed", () => {
  assertEquals(lines("greeter.size(@ph"), ["greeter.size(@photo.jpg"]);
  assertEquals(lines("greeter.counter.merge(c, c"), ["greeter.counter.merge(c, counter#1"]);
  assertEquals(lines("drop(c"), ["drop(c)", "drop(counter#1)"]);
  assertEquals(lines("dr"), ["drop("]);
  assertEquals(lines("cou"), ["counter#1."]);
});

Deno.test("methods are those of the resource, statics those of its name", () => {
  assertEquals(completions("c."), [["c.next() -> u32", "c.next()"], ["c.add(n: u32)", "c.add("]]);
  assertEquals(completions("counter#1.n"), [["counter#1.next() -> u32", "counter#1.next()"]]);
  assertEquals(completions("greeter.counter."), [
    ["greeter.counter.merge(a: counter, b: counter) -> counter", "greeter.counter.merge("],
  ]);
  assertEquals(lines("greeter.cou"), ["greeter.counter(", "greeter.counter.merge("]);
  assertEquals(lines("f."), []);
});

Deno.test("a name with its interface is completed in quotes", () => {
  const name = 'greeter."ghost:demo/greeter@1.0.0".say-hello(';
  assertEquals(completions("greeter.gh"), [[name, name]]);
  assertEquals(completions('greeter."gh'), [[`${name}how: enum {loud, low})`, name]]);
  assertEquals(completions('greeter."ghost:demo/greeter@1.0.0".sa'), [[
    `${name}how: enum {loud, low})`,
    name,
  ]]);
  assertEquals(lines(`${name}lo`), [`${name}loud`, `${name}low`]);
});

Deno.test("what a value cannot become is not offered", () => {
  for (
    const text of [
      "greeter.birthday({nmae: ",
      "greeter.birthday({:}, [(1, 2, {a",
      "greeter.area(circle(r",
      "greeter.open({read, wrong",
      "greeter.greet(tr",
      "greeter.size(p",
      "greeter.greet(1, tr",
      "greeter.nothing({a",
    ]
  ) assertEquals(lines(text), [], text);
});

Deno.test("the elements of a stream and the value of a future are completed as in a list, and as such", () => {
  assertEquals(lines("greeter.watch([{na"), ["greeter.watch([{name: "]);
  assertEquals(lines("greeter.watch([], f"), ["greeter.watch([], fast"]);
});
