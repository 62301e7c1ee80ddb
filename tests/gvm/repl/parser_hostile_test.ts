import { assert, assertEquals } from "@std/assert";
import { showError, showErrorWithLine } from "../../../gvm/repl/language/caret.ts";
import { MAX_LINE_LENGTH, parse } from "../../../gvm/repl/language/parser.ts";
import { print } from "./_print.ts";
import { signatureHelp, suggest } from "../../../gvm/repl/completion/suggest.ts";
import { chooseSeed, Random } from "./_random.ts";
import { withoutSpans } from "./_trees.ts";

const PIECES = [
  ...[
    "Node",
    "Node.run(",
    "node-8399",
    "math",
    "@",
    "v0.0.1",
    ".",
    "add",
    "(",
    ")",
    ",",
    ";",
    '"',
    "'",
    "\\",
    "//",
  ],
  ...[
    "\\x4",
    "\\u{",
    "}",
    "help",
    "exit",
    ".load",
    " ",
    "\n",
    "\t",
    "0x",
    "1e400",
    "-",
    "NaN",
    "n",
    "_",
    "漢",
    "\u0301",
  ],
  ...["\ud83d", "\x1b[2J", "\u202e", "__proto__", "constructor", "9".repeat(30), "..", "$"],
];
const VOCABULARY = {
  nodes: ["node-8399", "node-1"],
  connected: ["node-8399"],
  modules: [{
    name: "math",
    versions: ["v0.0.1"],
    functions: [{ name: "add", signature: "add(i32, i32) -> i32" }],
  }],
};

/** Whatever the line is, the answer is a tree that prints and reads back, or an error at a place of the line. */
function check(line: string): void {
  const result = parse(line);
  if (result.ok) {
    const again = parse(print(result.expression));
    assert(again.ok, `${line} printed as ${print(result.expression)}`);
    assertEquals(withoutSpans(again.expression), withoutSpans(result.expression), line);
  } else {
    const { position, message, incomplete } = result.error;
    assert(position >= 0 && position <= line.length && message !== "", line);
    assert(!incomplete || position === line.length, line);
    const lines = [showError(line, 14, position, message, 40), showErrorWithLine(line, position, message)];
    // deno-lint-ignore no-control-regex
    for (const shown of lines) assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(shown), line);
  }
}

Deno.test("random garbage is read or refused, and never anything else", () => {
  const random = new Random(chooseSeed());
  for (let round = 0; round < 5000; round++) {
    const line = random.text(PIECES, 14);
    check(line);
    const begun = parse(line.slice(0, random.below(line.length + 1)));
    for (const { start, end } of suggest(begun, VOCABULARY)) {
      assert(start <= end && end === begun.text.length, line);
    }
    signatureHelp(begun, VOCABULARY);
  }
});

Deno.test("mutated lines are read or refused, and never anything else", () => {
  const random = new Random(chooseSeed());
  for (let round = 0; round < 5000; round++) {
    let line = print(random.expression());
    for (let changes = 1 + random.below(3); changes > 0; changes--) {
      const from = random.below(line.length + 1);
      const piece = random.below(2) ? random.pick(PIECES) : "";
      line = line.slice(0, from) + piece + line.slice(from + random.below(3));
    }
    check(line);
  }
});

Deno.test("the start of a line that is fine is never an error, but unfinished or fine", () => {
  for (
    const line of [
      "math.add(1,2)",
      "Node.run(node-8399,math@v1.0.0.add(0x1,-2.5,5n))",
      "Node.connect(node-8399)",
    ]
  ) {
    for (let end = line.indexOf("(") + 1; end <= line.length; end++) {
      const result = parse(line.slice(0, end));
      const unfinishedWord = /[(,]-$|[(,]-?0x$|\.$|@v[\d.]*$/.test(line.slice(0, end));
      assert(result.ok || result.error.incomplete || unfinishedWord, line.slice(0, end));
    }
  }
});

Deno.test("the longest lines are read in no time, whatever is repeated", () => {
  for (const piece of [...PIECES, "((", "a.", "a,", "1,", " //", "/", "\\n", '"",', "_1", "\n//"]) {
    for (const head of ["", "math(", "math.add(", 'math("', "math@", "help ", ".load ", "math.add(0x1"]) {
      const count = Math.floor((MAX_LINE_LENGTH - head.length) / piece.length);
      const line = head + piece.repeat(count);
      const before = performance.now();
      parse(line);
      assert(performance.now() - before < 1000, `${head}${piece}…`);
    }
  }
});
