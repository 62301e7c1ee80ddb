import { assert, assertEquals } from "@std/assert";
import { formatSignature } from "../../../gmp/types/signature.ts";
import { showName, writeName } from "../../../gmp/types/quote.ts";
import { parseDeclaration, parseFunctionName, writeFunctionName } from "../../../gmp/types/function_name.ts";
import { completionsOf } from "../../../gvm/repl/completion/completions.ts";
import { parse } from "../../../gvm/repl/language/parser.ts";
import { chooseSeed, Random } from "./_random.ts";

const ALPHABET = [
  ..."abZ09_$ .,;:()[]{}<>'\"`\\/-@#=+*?!\n\t\r\x00\x07\x1b\x7f\x85\x9b\xa0\xad",
  ..."ß漢👻\u0301\u200b\u200d\u200e\u2028\u2029\u202a\u202e\u2066\u2069\u3000\u3164\ufe0f\ue000\ufeff\ufffd\u{e0001}\u{10ffff}",
  ...["//", "->", "\\u{41}", "__proto__", "v1.0.0", "Node", "…"],
];

/** Whatever a module may export: any well-formed text. */
function randomName(random: Random): string {
  const text = random.text(ALPHABET, 12);
  return random.below(4) === 0 ? text + String.fromCodePoint(random.below(0xd800)) : text;
}

Deno.test("every name that is shown is read back, by the prompt, the library and after Tab, as that very name", () => {
  const random = new Random(chooseSeed());
  for (let round = 0; round < 20_000; round++) {
    const name = round < 4 ? ["", "\ufeff", "constructor", "123"][round]! : randomName(random);
    const shown = formatSignature(name, { parameters: [], results: ["i32"] });
    assert(!/[\p{C}\p{Zl}\p{Zp}\p{DI}]/u.test(shown), JSON.stringify(shown));
    const call = shown.replace(/ -> i32$/, "");
    for (const module of ["math", "math@v0.0.1", '"my.math"', "my.math@1.0.0-rc.1"]) {
      const line = `${module}.${call}`;
      const read = parse(line);
      assert(read.ok && read.expression.kind === "call", line);
      assertEquals(read.expression.function.text, name, line);
    }
    const named = { module: "my.math", version: "v0.0.1", function: name };
    const written = writeFunctionName(named);
    assertEquals(parseFunctionName(written), named);
    assertEquals(parseDeclaration(`my.math@v0.0.1.${shown}`), {
      name: named,
      written,
      declared: "() -> i32",
    });
    assertEquals(parseFunctionName(`math#${name}`).function, name);
    const functions = [{ name, signature: shown }];
    const vocabulary = { nodes: [], connected: [], modules: [{ name: "math", versions: [], functions }] };
    for (const typed of ["math.", `math.${writeName(name).slice(0, 1)}`]) {
      const [completion] = completionsOf(parse(typed), vocabulary);
      assertEquals(completion?.line, `math.${call}`);
    }
  }
});

Deno.test("only identifiers are written without quotes", () => {
  for (const name of ["add", "_start", "$", "größe", "加", "then", "constructor"]) {
    assertEquals(writeName(name), name);
  }
  for (const name of ["", "123", "x.y", "a-b", "a b", "ns:a/b@1.0#f", "q'", "…"]) {
    assertEquals(writeName(name), `"${name}"`);
  }
  assertEquals(writeName('say"x"\\'), '"say\\"x\\"\\\\"');
  assertEquals(writeName("\x1b[2Jx\x7f\u202e\ufeff"), '"\\u{1b}[2Jx\\u{7f}\\u{202e}\\u{feff}"');
});

Deno.test("a message shows the beginning of a long name, and says so outside its quotes", () => {
  assertEquals(showName("x".repeat(101)), `${"x".repeat(100)}…`);
  assertEquals(showName(" ".repeat(101)), `"${" ".repeat(100)}"…`);
  assertEquals(showName(`${"x".repeat(99)}👻`), `${"x".repeat(99)}…`);
  assertEquals(showName("x".repeat(100)), "x".repeat(100));
});

Deno.test("a function's name in quotes is taken by the library, and one that cannot be read is refused", () => {
  assertEquals(parseFunctionName("math.'a b'"), { module: "math", version: undefined, function: "a b" });
  assertEquals(parseFunctionName("math#").function, "");
  for (const text of ["math", "math.", 'math."', 'math."a"b', 'math."\\q"', '."a"', "math.it's.", "#a"]) {
    let code: unknown;
    try {
      parseFunctionName(text);
    } catch (error) {
      code = (error as { code: unknown }).code;
    }
    assertEquals(code, "INVALID_NAME", text);
  }
});
