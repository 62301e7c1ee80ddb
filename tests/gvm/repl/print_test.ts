import { assert, assertEquals } from "@std/assert";
import { parse } from "../../../gvm/repl/language/parser.ts";
import { print } from "./_print.ts";
import { chooseSeed, Random } from "./_random.ts";
import { withoutSpans } from "./_trees.ts";

function canonical(line: string): string {
  const result = parse(line);
  if (!result.ok) throw result.error;
  return print(result.expression);
}

Deno.test("a line prints in one canonical way", () => {
  const cases = {
    "Node . run( node-1,math.add(0x10,  5n,'x') ) ; // c": 'Node.run(node-1, math.add(16, 5n, "x"))',
    "math()": "math",
    'math("a", "b c", 007)': 'math(a, "b c", 007)',
    '"math"@"v0.0.1"."add"(-0)': "math@v0.0.1.add(-0)",
    "my.math.add(1)": '"my.math".add(1)',
    '"help"': '"help"',
    "math.f(9007199254740993, 1e20, 1e-7)": "math.f(9007199254740993n, 1e+20, 1e-7)",
    'math.f("\\u{1b}[2J\\"\\n")': 'math.f("\\u{1b}[2J\\"\\n")',
    ".load 'a b'": '.load "a b"',
    "help()": "help",
    "exit ( )": "exit",
    "// nothing": "",
  };
  for (const [line, printed] of Object.entries(cases)) assertEquals(canonical(line), printed);
});

Deno.test("what is printed reads back as the same tree, and prints the same again", () => {
  const random = new Random(chooseSeed());
  for (let round = 0; round < 5000; round++) {
    const expression = random.expression();
    const printed = print(expression);
    const result = parse(printed);
    assert(result.ok, `${printed}: ${!result.ok && result.error.message}`);
    assertEquals(withoutSpans(result.expression), withoutSpans(expression), printed);
    assertEquals(print(result.expression), printed);
    // deno-lint-ignore no-control-regex
    assert(!/[\x00-\x1f\x7f-\x9f]/.test(printed), "nothing a terminal obeys is printed");
  }
});
