import { assertEquals, assertStrictEquals } from "@std/assert";
import { literalMistake, readLiteral } from "../../../../gmp/types/wave/literal.ts";
import { printNumber } from "../../../gvm/repl/_print.ts";

Deno.test("numbers are read in every notation", () => {
  const cases: [string, number | bigint | boolean][] = [
    ["0", 0],
    ["-0", -0],
    ["-0x0", -0],
    ["42", 42],
    ["1_000_000", 1_000_000],
    ["0xfF", 255],
    ["-0X10", -16],
    ["0xdead_beef", 0xdeadbeef],
    ["0b1010_0001", 0b10100001],
    ["0o17", 15],
    ["2.5", 2.5],
    [".5", 0.5],
    ["-.5", -0.5],
    ["5.", 5],
    ["1e3", 1000],
    ["-2.5E-3", -0.0025],
    ["1_0.0_1e1_0", 10.01e10],
    ["1e20", 1e20],
    ["5n", 5n],
    ["-0xffn", -255n],
    ["0n", 0n],
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["-9223372036854775808", -9223372036854775808n],
    ["0xffff_ffff_ffff_ffff", 18446744073709551615n],
    ["NaN", NaN],
    ["Infinity", Infinity],
    ["-Infinity", -Infinity],
    ["true", true],
    ["false", false],
  ];
  for (const [word, value] of cases) assertStrictEquals(readLiteral(word), value, word);
});

Deno.test("what is not quite a number is none", () => {
  const words = [
    "007",
    "-01",
    "+1",
    "1__0",
    "1_",
    "_1",
    "0x",
    "0x_1",
    "0b2",
    "0o8",
    "1.5n",
    "1e3n",
    "1e",
    "--1",
    "1e400",
  ];
  for (const word of [...words, "-", ".", "", "abc", "nan", "TRUE", "0x1.8", "1,5", "−1", "１"]) {
    assertEquals(readLiteral(word), undefined, word);
  }
});

Deno.test("a mistake says what to write instead", () => {
  assertEquals(literalMistake("007"), '"007" has a leading zero; octal numbers are written 0o17');
  assertEquals(literalMistake("1e400"), '"1e400" is larger than any number; write inf if that is meant');
  assertEquals(literalMistake("12abc"), '"12abc" is not a number');
  assertEquals(literalMistake("+1"), '"+1" is not a number');
  assertEquals(literalMistake("nan"), '"nan" is not an argument; did you mean NaN?');
  assertEquals(literalMistake("TRUE"), '"TRUE" is not an argument; did you mean true?');
  assertEquals(literalMistake("hello"), 'text must be in quotes: "hello"');
  assertEquals(literalMistake("x".repeat(1000)).length, 66);
});

Deno.test("a printed number is never read as a bigint", () => {
  for (
    const value of [
      0,
      -0,
      1,
      -1.5,
      1e20,
      2 ** 53,
      -(2 ** 63),
      1e21,
      1.7976931348623157e308,
      5e-324,
      NaN,
      -Infinity,
    ]
  ) {
    assertStrictEquals(readLiteral(printNumber(value)), value);
  }
});
