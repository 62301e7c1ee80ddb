import { assertEquals } from "@std/assert";
import { unicodeWidth } from "@std/cli/unicode-width";
import { showError, showErrorWithLine } from "../../../../gvm/repl/language/caret.ts";
import { mistake } from "../_trees.ts";

const PROMPT = "(node-5651) > ";

/** The echo of the terminal and the caret below it. */
function screen(line: string, columns?: number): string {
  const { position, message } = mistake(line);
  return `${PROMPT}${line}\n${showError(line, PROMPT.length, position, message, columns)}`;
}

Deno.test("the caret stands below the mistake", () => {
  assertEquals(
    screen("math.add(1,,2)"),
    [
      "(node-5651) > math.add(1,,2)",
      "                         ^ expected an argument",
    ].join("\n"),
  );
});

Deno.test("wide and combining characters count as the terminal shows them", () => {
  assertEquals(
    screen('math.add("漢e\u0301",,2)'),
    [
      '(node-5651) > math.add("漢e\u0301",,2)',
      " ".repeat(14 + unicodeWidth('math.add("漢é",')) + "^ expected an argument",
    ].join("\n"),
  );
  assertEquals(showError('f("漢",,', 0, 7, "here"), " ".repeat(8) + "^ here");
});

Deno.test("without a terminal the line is shown above the caret", () => {
  assertEquals(
    showErrorWithLine("math.add(1,,2)", 11, "expected an argument"),
    "math.add(1,,2)\n" + " ".repeat(11) + "^ expected an argument",
  );
});

Deno.test("of several lines the one with the mistake is meant", () => {
  assertEquals(showError("math.add(1,\n2,,3)", 4, 14, "here"), "      ^ here");
  assertEquals(showError("math.add(1,,\n2)", 4, 11, "here"), "math.add(1,,\n           ^ here");
  assertEquals(showError("\nx", 4, 0, "here"), "\n^ here");
});

Deno.test("where the echo wrapped, the part around the mistake is shown again", () => {
  const line = `math.add(${"1,".repeat(40)},2${",3".repeat(40)})`;
  const { position, message } = mistake(line);
  const [shown = "", caret = ""] = showError(line, 14, position, message, 40).split("\n");
  assertEquals(shown, "…,1,1,1,1,1,1,1,1,1,1,1,1,,2,3,3,3,3,3…");
  // The message is on the side of the caret that has the room.
  assertEquals(caret, `${"expected an argument".padStart(shown.indexOf(",,"))} ^`);
  assertEquals(showErrorWithLine(line, 0, "here", 20), "math.add(1,1,1,1,1…\n^ here");
  assertEquals(
    showErrorWithLine(line, line.length, "here", 20),
    "…3,3,3,3,3,3,3,3,3)\n              here ^",
  );
});

Deno.test("a message that has no room beside the caret goes below it", () => {
  const message = "expected one of these";
  assertEquals(showError("0123456789", 0, 9, message, 20), "         ^\nexpected one of\nthese");
  assertEquals(
    showErrorWithLine("0123456789", 9, message, 20),
    "0123456789\n         ^\nexpected one of\nthese",
  );
});

Deno.test("nothing that a terminal would obey is shown", () => {
  assertEquals(showError("a\tb,", 2, 3, "here"), "a b,\n   ^ here");
  assertEquals(showErrorWithLine("a\x1b[2J\u202eb", 1, "no \x07"), "a [2J b\n ^ no  ");
});
