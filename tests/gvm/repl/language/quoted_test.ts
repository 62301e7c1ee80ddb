import { assert, assertEquals, assertThrows } from "@std/assert";
import { TextError } from "../../../../gmp/types/text_error.ts";
import { quote, quoteBriefly } from "../../../../gmp/types/quote.ts";
import { readQuoted } from "../../../../gvm/repl/language/quoted.ts";

Deno.test("escapes become the characters that they stand for", () => {
  assertEquals(
    readQuoted(String.raw`"\n\t\r\\\"\'\x41\u00e9\u{1f47b}\ud83d\udc7b"`, 0).value,
    "\n\t\r\\\"'Aé👻👻",
  );
  assertEquals(readQuoted(`'say "x"\n'`, 0).value, 'say "x"\n');
});

Deno.test("a string ends at its own quote", () => {
  assertEquals(readQuoted(`f("a'b") "`, 2), { value: "a'b", end: 7 });
});

Deno.test("an escape that is none is pointed at", () => {
  const cases: [string, number][] = [
    [String.raw`"a\q"`, 2],
    [String.raw`"\x4g"`, 1],
    [String.raw`"\u12"`, 1],
    [String.raw`"\u{110000}"`, 1],
    [String.raw`"\u{}"`, 1],
    [String.raw`"\ud800"`, 0],
    ['"\\__proto__"', 1],
  ];
  for (const [text, position] of cases) {
    const error = assertThrows(() => readQuoted(text, 0), TextError);
    assertEquals([error.position, error.incomplete], [position, false], text);
  }
});

Deno.test("a string without its end is unfinished", () => {
  for (const text of ['"', '"abc', '"abc\\', '"abc\\"']) {
    const error = assertThrows(() => readQuoted(text, 0), TextError);
    assertEquals([error.position, error.incomplete], [text.length, true]);
  }
});

Deno.test("a quoted string is harmless to print and reads back the same", () => {
  const text = 'a"\\\n\t\r\x00\x1b[2J\x9b\u2028\u202eé👻';
  // deno-lint-ignore no-control-regex
  assert(!/[\x00-\x1f\x7f-\x9f\u2028\u202e]/.test(quote(text)));
  assertEquals(readQuoted(quote(text), 0), { value: text, end: quote(text).length });
});

Deno.test("a message quotes the beginning of a long word only", () => {
  assertEquals(quoteBriefly("a".repeat(41)), `"${"a".repeat(39)}…"`);
  assertEquals(quoteBriefly("a".repeat(40)), `"${"a".repeat(40)}"`);
});
