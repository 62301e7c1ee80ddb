import { assert, assertEquals, assertRejects } from "@std/assert";
import { LineInterrupted } from "../../../../gvm/repl/completion/line_input.ts";
import { parse } from "../../../../gvm/repl/language/parser.ts";
import { KeyInput } from "../../../../gvm/repl/terminal/key_input.ts";
import { EndOfInput } from "../../../../gvm/repl/terminal/key_source.ts";

const [LEFT, RIGHT, UP, DOWN] = ["\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B"];
const [BACK, DELETE] = ["\x7f", "\x1b[3~"];

/** A person at a terminal of `columns`, who types chunks that are read at once. */
class Person {
  /** What was drawn, drawing by drawing. */
  readonly drawn: string[] = [];
  readonly input: KeyInput;
  /** Lines that were suggested for a beginning. */
  completions: string[] = [];
  /** The lists that were shown. */
  readonly listed: string[][] = [];
  readonly #chunks: string[] = [];
  #waiting = Promise.withResolvers<void>();

  constructor(history: readonly string[] = [], size = { columns: 80, rows: 24 }) {
    const read = async (bytes: Uint8Array) => {
      while (this.#chunks.length === 0) {
        await this.#waiting.promise;
        this.#waiting = Promise.withResolvers();
      }
      return new TextEncoder().encodeInto(this.#chunks.shift()!, bytes).written;
    };
    const source = { read, setRaw: () => {}, isTerminal: () => true };
    this.input = new KeyInput(source, history, { size, write: (text) => void this.drawn.push(text) });
  }

  type(...chunks: string[]): void {
    this.#chunks.push(...chunks);
    this.#waiting.resolve();
  }

  ask(): Promise<string> {
    return this.input.ask("(node)", {
      complete: (text) =>
        Promise.resolve(
          this.completions.filter((line) => line.startsWith(text)).map((line) => (
            { shown: line, line, name: line, hint: "" }
          )),
        ),
      choose: (choices) => this.listed.push(choices.map(({ name }) => name)),
      isWhole: (text) => parse(text).ok,
    });
  }

  /** Types `chunks` and Enter: the line. */
  enter(...chunks: string[]): Promise<string> {
    this.type(...chunks, "\r");
    return this.ask();
  }
}

Deno.test("characters and words are moved over and deleted as at other prompts", async () => {
  for (
    const [expected, ...typed] of [
      ["ab", "b", LEFT, "a"],
      ["acb", "b", "\x01", "a", RIGHT, LEFT, "c"],
      ["abcd", "bc", "\x1b[H", "a", "\x1b[F", "d"],
      ["abcd", "bc", "\x1b[1~", "a", "\x05", "d"],
      ["ac", "abc", LEFT, BACK],
      ["ac", "abc", LEFT + LEFT, DELETE],
      ["ac", "abc", LEFT + LEFT, "\x04"],
      ["c", "abc", LEFT, "\x15"],
      ["a", "abc", LEFT + LEFT, "\x0b"],
      ["a", "a🦕", BACK],
      ["a", "ae\u0301", BACK],
      ["x👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦", LEFT, "x"],
      ["math.Xadd(1)", "math.add(1)", "\x1bb\x1bb", "X"],
      ["math.addX(1)", "math.add(1)", "\x01\x1bf\x1bf", "X"],
      ["math.add(", "math.add(1)", "\x1b\x7f"],
      ["math.add(1)", "math.add(1) two", "\x17\x7f"],
      [".add(1)", "math.add(1)", "\x01\x1bd"],
      ["two one", "one two", "\x17", BACK, "\x01", "\x19 "],
      ["", "\x1b[Z\x0b\x15\x17\x19"],
    ] as const
  ) assertEquals(await new Person().enter(...typed), expected, JSON.stringify(typed));
});

Deno.test("what was cut is there for the next line", async () => {
  const person = new Person();
  assertEquals(await person.enter("math.add", "\x15"), "");
  assertEquals(await person.enter("\x19"), "math.add");
});

Deno.test("up and down walk through the history and back to what was being typed", async () => {
  const history = ["one", "two", "three"];
  const person = new Person(history);
  assertEquals(await person.enter(UP), "three");
  assertEquals(await person.enter(UP + UP + UP), "one");
  assertEquals(await person.enter(UP + UP + UP + UP + UP, "!"), "one!");
  assertEquals(await person.enter("draft", UP, UP, DOWN, DOWN, DOWN), "draft");
  assertEquals(await person.enter("\x1bOA", "\x1bOA", "\x1bOB"), "three");
  history.push("four");
  assertEquals(await person.enter("half", LEFT + LEFT, UP), "four");
});

Deno.test("Ctrl-R finds lines of the history that contain a text, from the latest", async () => {
  const person = new Person(["math.add(1,2)", "greet", "math.add(3,4)", "math.sub(1,1)"]);
  assertEquals(await person.enter("\x12", "add"), "math.add(3,4)");
  assertEquals(await person.enter("\x12", "add", "\x12"), "math.add(1,2)");
  assertEquals(await person.enter("\x12", "add", "\x12\x12", BACK + BACK + BACK, "gr"), "greet");
  assertEquals(await person.enter("\x12", "1,1", "\x05", BACK, "0)"), "math.sub(1,10)");
  assertEquals(await person.enter("draft", "\x12", "add", "\x07", "!"), "draft!");
  assertEquals(await person.enter("draft", "\x12", "nothing", UP), "math.sub(1,1)");
  assert(person.drawn.some((text) => text.includes('search "1,1": math.sub(1,1)')));
  assert(person.drawn.some((text) => text.includes('not found "nothing": ')));
});

Deno.test("what is pasted is drawn once, however much it is and however it comes", async () => {
  for (const size of [20_000, 60_000]) {
    const person = new Person();
    const text = "x".repeat(size);
    const chunks = text.match(/.{1,3000}/g)!;
    person.type("\x1b[200~", ...chunks, "\x1b[201~");
    const line = person.ask();
    person.type("\r");
    assertEquals(await line, text);
    const bytes = person.drawn.join("").length;
    assert(bytes < size + 5000, `${bytes} for ${size}`);
  }
});

Deno.test("a line is kept to one character more than it may have", async () => {
  const line = await new Person().enter(
    "\x1b[200~",
    ...Array.from({ length: 30 }, () => "x".repeat(4000)),
    "\x1b[201~",
  );
  assertEquals(line.length, 65_537);
  const parsed = parse(line);
  assert(!parsed.ok && parsed.error.message.includes("longer than 65536"));
});

Deno.test("a parenthesis that Tab has put is typed over, and no other", async () => {
  const person = new Person();
  person.completions = ["Node.list()", "math.one(1)"];
  assertEquals(await person.enter("Node.l", "\t", ")"), "Node.list()");
  assertEquals(await person.enter("Node.l", "\t", "))"), "Node.list())");
  assertEquals(await person.enter("Node.l", "\t", " ", ")"), "Node.list() )");
  assertEquals(await person.enter("Node.list()", ")"), "Node.list())");
  // Here one is missing, so this is it; the next one is typed over.
  person.completions = ["Node.run(x, math.one()"];
  assertEquals(await person.enter("Node.run(x, math.o", "\t", ")"), "Node.run(x, math.one())");
  assertEquals(await person.enter("Node.run(x, math.o", "\t", ")", ")"), "Node.run(x, math.one())");
});

Deno.test("Tab takes what all have in common, and lists what there is, also for an empty line", async () => {
  const person = new Person();
  person.completions = ["math.add(", "math.addition(", "greet"];
  assertEquals(await person.enter("ma\t", ""), "math.add");
  assertEquals(person.listed, []);
  assertEquals(await person.enter("math.add(\t"), "math.add(");
  assertEquals(await person.enter("\t"), "");
  assertEquals(person.listed, [["math.add(", "math.addition(", "greet"]]);
  assertEquals(await person.enter("math.ad" + RIGHT), "math.add(");
});

Deno.test("a line that is withdrawn goes on where it was, and an answer comes between", async () => {
  const person = new Person(["old"]);
  person.type("mathadd", LEFT + LEFT + LEFT);
  const line = person.ask();
  while (!person.drawn.at(-1)!.includes("mathadd")) await new Promise((resolve) => setTimeout(resolve, 1));
  person.input.withdraw();
  await assertRejects(() => line, LineInterrupted);
  person.type(UP, "y", "\r");
  assertEquals(await person.input.answer("Really?"), "y");
  person.type(".", "\r");
  assertEquals(await person.ask(), "math.add");
});

Deno.test("a line that is discarded takes what was typed ahead along", async () => {
  const person = new Person();
  person.type("first\rsecond\rthird");
  assertEquals(await person.ask(), "first");
  person.input.discard();
  person.type("fourth\r");
  assertEquals(await person.ask(), "fourth");
});

Deno.test("Ctrl-D leaves at an empty line", async () => {
  const person = new Person();
  person.type("\x04");
  await assertRejects(() => person.ask(), EndOfInput);
});
