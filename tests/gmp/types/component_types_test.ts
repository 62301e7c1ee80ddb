import { assert, assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { camelCase } from "../../../gmp/types/camel_case.ts";
import {
  checkComponentSignature,
  MAX_TYPE_DEPTH,
  MAX_TYPE_NODES,
  MAX_TYPE_PARTS,
} from "../../../gmp/types/check_types.ts";
import type { ComponentSignature, TypeNode } from "../../../gmp/types/component_types.ts";
import { parseComponentTypes } from "../../../gmp/types/parse_type_text.ts";
import { formatComponentTypes, formatType } from "../../../gmp/types/type_text.ts";

const PERSON: readonly TypeNode[] = [
  ["option", "string"],
  ["list", "string"],
  ["record", [["name", "string"], ["age", "u32"], ["email", 0], ["tags", 1], ["balance", "f64"]]],
];

function check(types: unknown, parameters: unknown = [], result: unknown = null): ComponentSignature {
  return checkComponentSignature({ types, parameters, result });
}

function assertRefused(
  types: unknown,
  reason: string,
  parameters: unknown = [],
  result: unknown = null,
): void {
  const error = assertThrows(() => check(types, parameters, result), GhostError);
  assertEquals([error.code, error.message], ["BAD_REQUEST", `Cannot read the signature: ${reason}`]);
}

/** Tuples of two inside each other, `depth` of them. */
function nested(depth: number): TypeNode[] {
  return Array.from({ length: depth }, (_, i) => ["tuple", i === 0 ? ["u8", "u8"] : [i - 1, i - 1]]);
}

Deno.test("a signature whose references point backwards is taken, and nothing else of the message", () => {
  const signature = { types: PERSON, parameters: [["p", 2]], result: 2 } as const;
  assertEquals(checkComponentSignature({ ...signature, handle: 7 }), signature);
  assertEquals(check([]), { types: [], parameters: [], result: null });
  assertEquals(checkComponentSignature({ types: [], parameters: [], async: true }).async, true);
});

Deno.test("a type table that lies is refused by the first thing that is wrong", () => {
  assertRefused(undefined, "types is not a list");
  assertRefused([7], "type 0 is not a list");
  assertRefused([["list"]], "type 0 has 0 parts, not 1");
  assertRefused([["lists", "u8"]], "type 0 is of no known kind");
  assertRefused([["option", 0]], "type 0 refers to a type that is not before it");
  assertRefused([["option", 1], ["option", "u8"]], "type 0 refers to a type that is not before it");
  assertRefused([["option", "i32"]], "type 0 refers to a type that is not before it");
  assertRefused([["option", -1]], "type 0 refers to a type that is not before it");
  assertRefused([["option", 0.5]], "type 0 refers to a type that is not before it");
  assertRefused([["option", "__proto__"]], "type 0 refers to a type that is not before it");
  assertRefused([["list", "u8", 0]], "type 0 is a list whose length is not an integer from 1 to 2^32-1");
  assertRefused([["record", []]], "type 0 has no parts");
  assertRefused([["tuple", []]], "type 0 has no parts");
  assertRefused([["record", [["a", "u8"], ["A", "u8"]]]], 'type 0 has "A" twice');
  assertRefused([["record", [["a1b", "u8"], ["a-1b", "u8"]]]], 'type 0 has "a-1b" twice');
  assertRefused([["record", [["__proto__", "u8"]]]], "type 0 has a name that is not of the form first-name");
  assertRefused([["enum", ["a", 7]]], "type 0 has a name that is not of the form first-name");
  assertRefused([["enum", ["a\n"]]], "type 0 has a name that is not of the form first-name");
  assertRefused([["flags", Array.from({ length: 33 }, (_, i) => `f${i}`)]], "type 0 has more than 32 flags");
  assertRefused([["map", "f64", "u8"]], "type 0 is a map whose keys are not of a type for keys");
  assertRefused([["own", ""]], "type 0 names no resource");
  assertRefused([], "parameters has 1 parts, not 2", [["x"]]);
  assertRefused([], 'parameters has "x" twice', [["x", "u8"], ["x", "u8"]]);
  assertRefused([], "result refers to a type that is not before it", [], 0);
});

Deno.test("tables are bounded in nodes, parts and depth", () => {
  const options = Array.from({ length: MAX_TYPE_NODES }, () => ["option", "u8"]);
  assertEquals(check(options).types.length, MAX_TYPE_NODES);
  assertRefused(
    [...options, ["option", "u8"]],
    `it has ${MAX_TYPE_NODES + 1} types, above the limit of ${MAX_TYPE_NODES}`,
  );
  const cases = (length: number) => [["enum", Array.from({ length }, (_, i) => `c${i}`)]];
  check(cases(MAX_TYPE_PARTS));
  assertRefused(
    cases(MAX_TYPE_PARTS + 1),
    `it has more than ${MAX_TYPE_PARTS} fields, cases and parameters`,
  );
  const deep = (depth: number) => Array.from({ length: depth }, (_, i) => ["option", i === 0 ? "u8" : i - 1]);
  check(deep(MAX_TYPE_DEPTH));
  assertRefused(
    deep(MAX_TYPE_DEPTH + 1),
    `type ${MAX_TYPE_DEPTH} is more than ${MAX_TYPE_DEPTH} levels deep`,
  );
});

Deno.test("a table that describes more values than there are atoms is checked and shown at once", () => {
  const signature = check(nested(MAX_TYPE_DEPTH), [["x", MAX_TYPE_DEPTH - 1]]);
  const start = performance.now();
  const text = formatComponentTypes(signature);
  assert(performance.now() - start < 1000);
  assertEquals(text.length, 4001);
  assert(text.endsWith("…"));
});

Deno.test("types are written as WIT writes them, and read back", () => {
  const all: readonly TypeNode[] = [
    ...PERSON,
    ["tuple", ["f32", "f32"]],
    ["variant", [["empty", null], ["rect", 3]]],
    ["enum", ["red", "HTTP-green"]],
    ["flags", ["read", "write"]],
    ["result", 4, "string"],
    ["result", null, "string"],
    ["result", "u8", null],
    ["result", null, null],
    ["list", "u8", 4],
    ["map", "string", "s64"],
    ["own", "counter"],
    ["borrow", "counter"],
    ["stream", "u8"],
    ["future", null],
    ["option", 0],
  ];
  const texts = [
    "option<string>",
    "list<string>",
    "record {name: string, age: u32, email: option<string>, tags: list<string>, balance: f64}",
    "tuple<f32, f32>",
    "variant {empty, rect(tuple<f32, f32>)}",
    "enum {red, HTTP-green}",
    "flags {read, write}",
    "result<variant {empty, rect(tuple<f32, f32>)}, string>",
    "result<_, string>",
    "result<u8>",
    "result",
    "list<u8, 4>",
    "map<string, s64>",
    "counter",
    "borrow<counter>",
    "stream<u8>",
    "future",
    "option<option<string>>",
  ];
  assertEquals(all.map((_, index) => formatType(all, index)), texts);
  for (const [index, text] of texts.entries()) {
    const parsed = parseComponentTypes(`(x: ${text}) -> ${text}`)!;
    assertEquals(formatComponentTypes(parsed), `(x: ${text}) -> ${text}`, `type ${index}`);
  }
  const signature: ComponentSignature = { types: PERSON, parameters: [["p", 1], ["q", "char"]], result: 0 };
  assertEquals(formatComponentTypes(signature), "(p: list<string>, q: char) -> option<string>");
});

Deno.test("a signature is read with any spaces, and without names of parameters", () => {
  const expected = { types: [["list", "u32"]], parameters: [["xs", 0]], result: "u64" } as const;
  assertEquals(parseComponentTypes("(xs:list<u32>)->u64"), expected);
  assertEquals(parseComponentTypes("( xs : list < u32 > , ) -> u64 "), expected);
  assertEquals(parseComponentTypes("(list<u32>) -> u64"), { ...expected, parameters: [["p1", 0]] });
  assertEquals(parseComponentTypes("(own<counter>, %list: counter)"), {
    types: [["own", "counter"], ["own", "counter"]],
    parameters: [["p1", 0], ["list", 1]],
    result: null,
  });
});

Deno.test("what is no signature is not read as one", () => {
  const texts = [
    "",
    "(",
    "()x",
    "() ->",
    "(x:)",
    "(list<>)",
    "(list<u8, x>)",
    "(map<u8>)",
    "(u8,,u8)",
    "(record {})",
  ];
  for (const text of [...texts, "(a: u8, a: u8)", "(option<u8, u8>)", "(;)", "(result<_, _>)", "(_)"]) {
    assertEquals(parseComponentTypes(text), undefined, text);
  }
  assertEquals(parseComponentTypes(`(${"list<".repeat(1e5)}`), undefined);
});

Deno.test("a label in JavaScript is camel case", () => {
  const names = ["name", "email-address", "HTTP-status", "a-1b", "constructor"].map(camelCase);
  assertEquals(names, ["name", "emailAddress", "httpStatus", "a1b", "constructor"]);
});
