import { assertEquals, assertThrows } from "@std/assert";
import { MAX_TYPE_DEPTH } from "../../../../gmp/types/check_types.ts";
import { TextError } from "../../../../gmp/types/text_error.ts";
import { WaveParser } from "../../../../gmp/types/wave/parse_wave.ts";
import { NO_SOURCES, print, read, readCall } from "./_read.ts";
import { parseComponentTypes } from "../../../../gmp/types/parse_type_text.ts";
import { chooseSeed, Random } from "../../../gvm/repl/_random.ts";

const PERSON =
  "record {name: string, age: u32, email-address: option<string>, tags: list<string>, balance: f64}";
const SHAPE = "variant {circle(f64), rect(tuple<f64, f64>), empty, none}";

Deno.test("each type is read into what JavaScript has for it", () => {
  const cases: [text: string, type: string, value: unknown][] = [
    ["true", "bool", true],
    ["-128", "s8", -128],
    ["0xff", "u8", 255],
    ["1_000", "u16", 1000],
    ["7", "s64", 7n],
    ["18446744073709551615", "u64", 18446744073709551615n],
    ["5n", "u32", 5],
    ["2.5e3", "f64", 2500],
    ["0.1", "f32", Math.fround(0.1)],
    ["100000000000000000000", "f64", 1e20],
    ["nan", "f64", NaN],
    ["-inf", "f32", -Infinity],
    ["'☃'", "char", "☃"],
    ['"\\u{1f47b}\\n"', "string", "👻\n"],
    ["'say \"x\"'", "string", 'say "x"'],
    ["[1, 2,]", "list<u32>", new Uint32Array([1, 2])],
    ["[]", "list<f64>", new Float64Array()],
    ["[1, 2]", "list<s64>", new BigInt64Array([1n, 2n])],
    ["[true]", "list<bool>", [true]],
    ['b"\\x00abc\\xff☃"', "list<u8>", new Uint8Array([0, 97, 98, 99, 255, 0xe2, 0x98, 0x83])],
    ['b"\\ud83d\\ude00\\xff"', "list<u8>", new Uint8Array([0xf0, 0x9f, 0x98, 0x80, 255])],
    ['"a☃"', "list<u8>", new Uint8Array([97, 0xe2, 0x98, 0x83])],
    ["[1, 2]", "list<u8, 2>", new Uint8Array([1, 2])],
    ['{tags: ["x"], name: "Ada", balance: 12.5, age: 36}', PERSON, {
      name: "Ada",
      age: 36,
      emailAddress: undefined,
      tags: ["x"],
      balance: 12.5,
    }],
    ['(1, "a")', "tuple<u8, string>", [1, "a"]],
    ["rect((2, 3))", SHAPE, { tag: "rect", val: [2, 3] }],
    ["empty", SHAPE, { tag: "empty" }],
    ["%none", SHAPE, { tag: "none" }],
    ["some(1)", "option<u8>", 1],
    ["1", "option<u8>", 1],
    ["none", "option<u8>", undefined],
    ["none", "option<option<u8>>", { tag: "none" }],
    ["some(none)", "option<option<u8>>", { tag: "some", val: undefined }],
    ["{:}", "record {a: option<u8>, b: option<option<u8>>}", { a: undefined, b: { tag: "none" } }],
    ['err("x")', "result<u8, string>", { tag: "err", val: "x" }],
    ["3", "result<u8, string>", { tag: "ok", val: 3 }],
    ["ok", "result", { tag: "ok" }],
    ["{read, write-all}", "flags {read, write-all, exec}", { read: true, writeAll: true, exec: false }],
    ['[("a", 1)]', "map<string, u8>", new Map([["a", 1]])],
    ['"""\n    a\n      b\n    """', "string", "a\n  b"],
  ];
  for (const [text, type, value] of cases) {
    assertEquals(read(text, type), value, `${text} as ${type}`);
  }
});

Deno.test("a value that does not fit is pointed at, with the way to it and its type", () => {
  const cases: [text: string, type: string, position: number, message: string][] = [
    ["-1", "u32", 0, "x takes a u32, an integer from 0 to 4294967295"],
    ["1.5", "s8", 0, "x takes an s8, an integer from -128 to 127"],
    ["Ada", "string", 0, 'x takes a string; text must be in quotes: "Ada"'],
    ["NaN", "f64", 0, "x takes an f64, which writes NaN as nan"],
    ["-Infinity", "f64", 0, "x takes an f64, which writes Infinity as inf"],
    ["'ab'", "char", 0, "x takes a char"],
    ["[1, 256]", "list<u8>", 4, "x[1] takes a u8, an integer from 0 to 255"],
    ["7", "list<u8>", 0, 'x takes a list<u8>; "…", b"…" or @file'],
    ["[1]", "list<u8, 2>", 0, "x takes 2 elements, not 1"],
    [
      '{name: "Ada", age: "x", tags: [], balance: 1}',
      PERSON,
      19,
      "x.age takes a u32, an integer from 0 to 4294967295",
    ],
    ['{name: "Ada", tags: [], balance: 1}', PERSON, 34, "x.age is missing: a u32"],
    ['{nmae: "Ada"}', PERSON, 1, "x has no field nmae; did you mean name?"],
    ["{}", "record {a: option<u8>}", 0, "x takes a record {a: option<u8>}; without fields {:}"],
    ["{:}", "flags {read}", 0, "x takes a flags {read}; none of them {}"],
    ["{raed}", "flags {read}", 1, "x has no raed; did you mean read?"],
    ["rect(2, 3)", SHAPE, 6, "rect takes one value; several are a tuple: rect((1, 2))"],
    ["rect((2, true))", SHAPE, 9, "x.rect.1 takes an f64"],
    ["(1, 2, 3)", "tuple<u8, u8>", 0, "x takes 2 values, not 3: a tuple<u8, u8>"],
    ["circle", SHAPE, 6, "x takes circle(an f64)"],
    ["empty(1)", SHAPE, 6, "x takes empty without a value"],
    ["none", SHAPE, 0, "x takes a case that is written %none: none alone means something else"],
    ["cirle(1)", SHAPE, 0, `x takes a ${SHAPE}; did you mean circle?`],
    ["lft", "enum {left, right}", 0, "x takes an enum {left, right}; did you mean left?"],
    ["some(some(1))", "option<u8>", 5, "x.some takes a u8, an integer from 0 to 255"],
    ["1", "option<option<u8>>", 0, "x takes an option<option<u8>>; some(…) or none"],
    ["c", "own<counter>", 0, "x takes a counter: there is no c"],
    ['[("a", 1), ("a", 2)]', "map<string, u8>", 11, "x[1] has a key that is there already"],
    ["@nowhere", "list<u8>", 0, 'x cannot be read from "nowhere"'],
    ["1", "stream<u8>", 0, 'x takes a stream<u8>; "…", b"…" or @file'],
  ];
  for (const [text, type, position, message] of cases) {
    const error = assertThrows(() => read(text, type), TextError, undefined, text);
    assertEquals([error.message, error.position], [message, position], text);
  }
});

Deno.test("text that is no value is pointed at, and is unfinished only where more may follow", () => {
  const cases: [text: string, position: number, message: string, incomplete?: true][] = [
    ["", 0, "expected a value", true],
    ["[1,", 3, "expected a value", true],
    ["[1 2]", 3, 'expected "," or "]"'],
    ["{a 1}", 3, 'expected ":", "," or "}"'],
    ["{a: 1, a: 2}", 7, "a is there twice"],
    ["{firstName: 1}", 1, '"firstName" is not a name of the form first-name'],
    ['"abc', 4, "expected a closing quote"],
    ['"a\nb"', 2, 'a line break is written \\n; text of several lines between """'],
    ['"""\nabc', 7, 'expected a closing """', true],
    ['"""abc"""', 3, 'text between """ begins on the next line'],
    ['"""\na\n  """', 4, 'the line begins before the closing """'],
    ['b"\\ud83d\\x00\\ude00"', 1, "half of a character is in the quotes"],
    ['b"\\q"', 2, "there is no such escape; a backslash is written \\\\"],
    ["@", 1, "expected the name of a file", true],
    ["007", 0, '"007" has a leading zero; octal numbers are written 0o17'],
    ["1e400", 0, '"1e400" is larger than any number; write inf if that is meant'],
    ["-nan", 0, '"-nan" is not an argument; did you mean NaN?'],
  ];
  for (const [text, position, message, incomplete = false] of cases) {
    const error = assertThrows(() => new WaveParser(text).value(), TextError, undefined, text);
    assertEquals([error.message, error.position, error.incomplete], [message, position, incomplete], text);
  }
});

Deno.test("brackets are bounded, however long the text is", () => {
  const text = "[".repeat(1_000_000);
  const error = assertThrows(() => new WaveParser(text).value(), TextError);
  assertEquals([error.message, error.position], [
    `more than ${MAX_TYPE_DEPTH} brackets are open`,
    MAX_TYPE_DEPTH,
  ]);
});

Deno.test("options at the end of the arguments may be left out, and nothing else", () => {
  const signature = parseComponentTypes("(a: u8, b: option<u8>, c: option<option<u8>>)")!;
  assertEquals(readCall("(1)", signature), [1, undefined, { tag: "none" }]);
  assertEquals(readCall("(1, 2)", signature), [1, 2, { tag: "none" }]);
  const missing = assertThrows(() => readCall("()", signature), TextError);
  assertEquals([missing.message, missing.position], ["a is missing: a u8", 1]);
  const more = assertThrows(() => readCall("(1, 2, none, 4)", signature), TextError);
  assertEquals(more.position, 13);
  assertEquals(
    more.message,
    "one argument too many: it takes 3: a: u8, b: option<u8>, c: option<option<u8>>",
  );
});

Deno.test("values print as WAVE", () => {
  const cases: [value: unknown, type: string, text: string][] = [
    [
      { name: "Ada", age: 37, emailAddress: undefined, tags: ["x", "yz"], balance: 25 },
      PERSON,
      '{name: "Ada", age: 37, tags: ["x", "yz"], balance: 25}',
    ],
    [
      { name: "", age: 0, emailAddress: "a@b", tags: [], balance: -0 },
      PERSON,
      '{name: "", age: 0, email-address: some("a@b"), tags: [], balance: -0}',
    ],
    [{ a: undefined }, "record {a: option<u8>}", "{:}"],
    [new Uint8Array([0, 97]), "list<u8>", "[0, 97]"],
    [new Uint8Array([0xff, 97]), "list<u8>", "[255, 97]"],
    [new TextEncoder().encode('{"a": "☃\n"}'), "list<u8>", 'b"{\\"a\\": \\"☃\\n\\"}"'],
    ["'", "char", "'\\''"],
    ['"', "char", "'\"'"],
    ["\u{1b}[2J", "string", '"\\u{1b}[2J"'],
    [{ tag: "none" }, SHAPE, "%none"],
    ["ok", "enum {ok, left}", "%ok"],
    [{ tag: "err" }, "result", "err"],
    [{ read: false, writeAll: true }, "flags {read, write-all}", "{write-all}"],
    [undefined, "option<u8>", "none"],
    [{ tag: "some", val: undefined }, "option<option<u8>>", "some(none)"],
    [-Infinity, "f32", "-inf"],
    [Math.fround(0.1), "f32", "0.1"],
    [18446744073709551615n, "u64", "18446744073709551615"],
    [new Map([["a", 1]]), "map<string, u8>", '[("a", 1)]'],
  ];
  for (const [value, type, text] of cases) assertEquals(print(value, type), text);
  const counter = {};
  assertEquals(print([counter], "list<own<counter>>", { resource: (_, name) => `${name}#1` }), "[counter#1]");
});

Deno.test("what is printed is cut where it gets too long, in no time", () => {
  const options = { ...NO_SOURCES, limit: 20 };
  assertEquals(print("a".repeat(1 << 24), "string", options), `"${"a".repeat(19)}…`);
  assertEquals(print("👻".repeat(100), "string", options).isWellFormed(), true);
  // Longer than an array may be and than anybody waits, if it were read to its end.
  const endless = new Proxy([], {
    get: (array, key) =>
      key === "length" ? 2 ** 53 - 1 : key === "0" || Number(key) > 0 ? 0 : Reflect.get(array, key),
  });
  assertEquals(print(endless, "list<u8>", options), "[0, 0, 0, 0, 0, 0, 0…");
});

Deno.test("what is printed reads back as the same value, whatever the type", () => {
  const random = new Random(chooseSeed());
  for (let round = 0; round < 3000; round++) {
    const { type, text } = anyType(random, 4);
    const value = read(text, type);
    const printed = print(value, type);
    assertEquals(read(printed, type), value, `${text} as ${type} printed as ${printed}`);
    assertEquals(print(read(printed, type), type), printed);
  }
});

/** A type, and a value of it as it may be written. */
function anyType(random: Random, depth: number): { type: string; text: string } {
  const simple: [string, readonly string[]][] = [
    ["bool", ["true", "false"]],
    ["u8", ["0", "0xff", "1_0"]],
    ["s64", ["-9223372036854775808", "5n"]],
    ["f32", ["0.1", "nan", "-inf", "3.4028234664e38", "1e-45", "-0"]],
    ["f64", ["1e21", "123456789012345678901", "5e-324", "inf", "-0.0"]],
    ["char", ["'☃'", "'\\''", "'\\u{0}'", "'\"'"]],
    ["string", ['""', '"\\u{202e}\\"\\\\"', "'\"'", '"""\n  "a"\n  """']],
    ["list<u8>", ['b"\\x00\\xff"', "[]", "[1]"]],
    ["enum {ok, left}", ["%ok", "left"]],
    ["flags {read, write-all}", ["{}", "{write-all}"]],
    ["variant {some, none(u8)}", ["%some", "%none(7)"]],
    ["result", ["ok", "err"]],
  ];
  if (depth === 0 || random.below(3) === 0) {
    const [type, texts] = random.pick(simple);
    return { type, text: random.pick(texts) };
  }
  const [one, other] = [anyType(random, depth - 1), anyType(random, depth - 1)];
  return random.pick([
    { type: `list<${one.type}>`, text: `[${one.text}, ${one.text}]` },
    { type: `tuple<${one.type}, ${other.type}>`, text: `(${one.text}, ${other.text})` },
    { type: `option<${one.type}>`, text: random.pick([`some(${one.text})`, "none"]) },
    {
      type: `result<${one.type}, ${other.type}>`,
      text: random.pick([`ok(${one.text})`, `err(${other.text})`]),
    },
    { type: `result<_, ${one.type}>`, text: random.pick(["ok", `err(${one.text})`]) },
    { type: `record {a-b: ${one.type}, ok: ${other.type}}`, text: `{ok: ${other.text}, a-b: ${one.text}}` },
    {
      type: `variant {x(${one.type}), err(${other.type})}`,
      text: random.pick([`x(${one.text})`, `%err(${other.text})`]),
    },
  ]);
}
