import { assert, assertEquals } from "@std/assert";
import { onOneLine } from "../../../../gvm/repl/language/on_one_line.ts";
import { parse } from "../../../../gvm/repl/language/parser.ts";

Deno.test("a command of several lines means the same on one", () => {
  const cases = [
    ["math.add(1,\n2)", "math.add(1, 2)"],
    ["math.add(1, // the first\n  2 // the second\n)", "math.add(1,   2 )"],
    ["math.add(// none\n)", "math.add( )"],
    ['notes.add("""\n  a // b\n   "c"\n  """,\n1)', 'notes.add("a // b\\n \\"c\\"", 1)'],
    ["notes('a\nb', http://x)", 'notes("a\\nb", http://x)'],
    ['notes.add("// no comment", // one\n1)', 'notes.add("// no comment", 1)'],
    ["math.add(1, 2) // done", "math.add(1, 2) // done"],
    ['math.add("a\n', 'math.add("a '],
  ] as const;
  for (const [command, line] of cases) {
    assertEquals(onOneLine(command), line);
    assertEquals(parse(line).ok, parse(command).ok, line);
  }
  assert(!onOneLine('f.g(["""\n"""\n, // x\n1])').includes("\n"));
});
