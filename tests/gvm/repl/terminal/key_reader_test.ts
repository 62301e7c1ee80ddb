import { assertEquals, assertRejects } from "@std/assert";
import { EndOfInput, KeyReader } from "../../../../gvm/repl/terminal/key_reader.ts";

const LEFT = "\x1b[D";
const UP = "\x1b[A";
const DOWN = "\x1b[B";
const DELETE = "\x1b[3~";
const BACK = "\x7f";

/** A terminal whose person types what the test says, and a line that obeys the keys it is given as `Input` does. */
class Keyboard {
  readonly keys: KeyReader;
  readonly modes: boolean[] = [];
  /** The line, and where the cursor is. */
  line = "";
  cursor = 0;
  readonly pieces: string[] = [];
  readonly #typed: (Uint8Array | null)[] = [];
  #waiting = Promise.withResolvers<void>();

  constructor(history: string[] = []) {
    this.keys = new KeyReader({
      read: (bytes) => this.#read(bytes),
      setRaw: (mode) => this.modes.push(mode),
      isTerminal: () => true,
    }, history);
    this.keys.begin("command");
  }

  /** Types chunks, each read at once; `null` closes the terminal. */
  type(...chunks: (string | Uint8Array | null)[]): void {
    for (const chunk of chunks) {
      this.#typed.push(typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
    }
    this.#waiting.resolve();
  }

  /** Reads a piece and does what it says; true when it ends the line. */
  async step(): Promise<boolean> {
    const bytes = new Uint8Array(8);
    this.keys.lineIs(this.line);
    const piece = new TextDecoder("utf-8", { fatal: true }).decode(
      bytes.subarray(0, await this.keys.read(bytes)),
    );
    this.pieces.push(piece);
    // deno-lint-ignore no-control-regex
    for (const key of piece.match(/\x1b\[[\d;]*[A-Za-z~]|[^]/gu) ?? []) if (this.#press(key)) return true;
    return false;
  }

  /** Types `chunks` and Enter, and returns the line. */
  enter(...chunks: (string | Uint8Array)[]): Promise<string> {
    this.type(...chunks, "\r");
    return this.next();
  }

  /** The line that Enter ends. */
  async next(): Promise<string> {
    while (!await this.step());
    const { line } = this;
    this.begin("command");
    return line;
  }

  begin(kind: "command" | "answer"): void {
    this.line = "";
    this.cursor = 0;
    this.keys.end();
    this.keys.begin(kind);
  }

  #press(key: string): boolean {
    const { line, cursor } = this;
    if (key === "\r" || key === "\n") return true;
    if (key === LEFT) this.cursor = Math.max(0, cursor - 1);
    else if (key === DELETE) this.line = line.slice(0, cursor) + line.slice(cursor + 1);
    else if (key === BACK) {
      this.line = line.slice(0, Math.max(0, cursor - 1)) + line.slice(cursor);
      this.cursor = Math.max(0, cursor - 1);
    } else if (key >= " ") {
      this.line = line.slice(0, cursor) + key + line.slice(cursor);
      this.cursor += key.length;
    }
    return false;
  }

  async #read(bytes: Uint8Array): Promise<number | null> {
    while (this.#typed.length === 0) {
      await this.#waiting.promise;
      this.#waiting = Promise.withResolvers();
    }
    const chunk = this.#typed.shift()!;
    if (chunk === null) return null;
    bytes.set(chunk);
    return chunk.length;
  }
}

Deno.test("keys reach the prompt whole, and never more than it reads at once", async () => {
  const keyboard = new Keyboard();
  assertEquals(await keyboard.enter("Node.discover()"), "Node.discover()");
  assertEquals(keyboard.pieces, ["Node.dis", "cover()", "\r"]);
  assertEquals(await keyboard.enter("ÄÖÜäöü€🦕"), "ÄÖÜäöü€🦕");
  assertEquals(keyboard.pieces.slice(3), ["ÄÖÜä", "öü€", "🦕", "\r"]);
});

Deno.test("characters and escape sequences may be cut anywhere", async () => {
  for (const text of ["a€b🦕c", `ab${LEFT}${LEFT}x`]) {
    const bytes = new TextEncoder().encode(text);
    const whole = await new Keyboard().enter(bytes);
    // An escape alone is the Escape key, so a sequence is cut behind its bracket only.
    for (let cut = 1; cut < bytes.length; cut++) {
      if (bytes[cut - 1] === 0x1b) continue;
      assertEquals(await new Keyboard().enter(bytes.slice(0, cut), bytes.slice(cut)), whole, `cut at ${cut}`);
    }
  }
});

Deno.test("what is typed ahead is for the next line", async () => {
  const keyboard = new Keyboard();
  keyboard.type("first\rsecond\nthi");
  assertEquals([await keyboard.next(), await keyboard.next()], ["first", "second"]);
  assertEquals(await keyboard.enter("rd"), "third");
});

Deno.test("up and down walk through the history and back to what was being typed", async () => {
  const history = ["one", "two", "three"];
  const keyboard = new Keyboard(history);
  assertEquals(await keyboard.enter(UP), "three");
  assertEquals(await keyboard.enter(UP + UP + UP), "one");
  assertEquals(await keyboard.enter(UP + UP + UP + UP + UP + "!"), "one!");
  assertEquals(await keyboard.enter(UP, UP, DOWN), "three");
  assertEquals(await keyboard.enter("draft", UP, UP, DOWN, DOWN, DOWN), "draft");
  assertEquals(await keyboard.enter("\x1bOA", "\x1bOA", "\x1bOB"), "three");
  history.push("four");
  assertEquals(await keyboard.enter(UP), "four");
});

Deno.test("a line of the history takes the place of the line wherever the cursor is", async () => {
  const keyboard = new Keyboard(["math.add(1,2)"]);
  assertEquals(await keyboard.enter("half", LEFT + LEFT, UP), "math.add(1,2)");
});

Deno.test("what a terminal would obey is not typed out of the history", async () => {
  const keyboard = new Keyboard(["a\x03\x1b[2Jb\rc"]);
  assertEquals(await keyboard.enter(UP), "a[2Jbc");
});

Deno.test("Ctrl-A, Ctrl-E, Ctrl-U, Ctrl-K, Home and End do what they do at other prompts", async () => {
  const keyboard = new Keyboard();
  assertEquals(await keyboard.enter("bc", "\x01", "a"), "abc");
  assertEquals(await keyboard.enter("bc", "\x1b[H", "a", "\x1b[F", "d"), "abcd");
  assertEquals(await keyboard.enter("bc", "\x1b[1~", "a", "\x05", "d"), "abcd");
  assertEquals(await keyboard.enter("abc", LEFT, "\x15"), "c");
  assertEquals(await keyboard.enter("abc", LEFT + LEFT, "\x0b"), "a");
});

Deno.test("Ctrl-D leaves at an empty line, and deletes in another", async () => {
  const keyboard = new Keyboard();
  assertEquals(await keyboard.enter("abc", LEFT, "\x04"), "ab");
  keyboard.type("\x04");
  await assertRejects(() => keyboard.step(), EndOfInput);
});

Deno.test("a terminal that is gone ends the reading", async () => {
  const keyboard = new Keyboard();
  keyboard.type("abc", null);
  await keyboard.step();
  await assertRejects(() => keyboard.step(), EndOfInput);
});

Deno.test("a line that is taken back is emptied, and stands in the next one", async () => {
  const keyboard = new Keyboard(["old"]);
  const reason = new Error("something is to be shown");
  keyboard.type("math.ad");
  await keyboard.step();
  const waiting = keyboard.step();
  keyboard.keys.withdraw(reason);
  await waiting;
  await assertRejects(
    async () => {
      for (;;) await keyboard.step();
    },
    Error,
    reason.message,
  );
  assertEquals(keyboard.line, "");
  // An answer comes between and begins empty; it has no history.
  keyboard.begin("answer");
  assertEquals(await keyboard.enter(UP, "y"), "y");
  assertEquals(await keyboard.enter("d(1,2)"), "math.add(1,2)");
});

Deno.test("what is typed while a line is taken back is not lost", async () => {
  const keyboard = new Keyboard();
  keyboard.type("math.add");
  await keyboard.step();
  keyboard.keys.withdraw(new Error("shown"));
  keyboard.type("(1,2)");
  await assertRejects(async () => {
    for (;;) await keyboard.step();
  });
  keyboard.begin("command");
  assertEquals(await keyboard.enter(), "math.add(1,2)");
});

Deno.test("a line that is thrown away takes what was typed ahead along", async () => {
  const keyboard = new Keyboard();
  keyboard.type("first\rsecond");
  while (!await keyboard.step());
  keyboard.begin("command");
  keyboard.keys.discard(new Error("thrown away"));
  await assertRejects(() => keyboard.step(), Error, "thrown away");
  keyboard.begin("command");
  assertEquals(await keyboard.enter("third"), "third");
});

Deno.test("the terminal gives keys for as long as a line is typed", async () => {
  const keyboard = new Keyboard();
  assertEquals(keyboard.modes, [true]);
  await keyboard.enter("abc");
  keyboard.keys.setRaw();
  keyboard.keys.end();
  assertEquals(keyboard.modes, [true, false, true, false]);
});

Deno.test("Tab is told from the right key", async () => {
  const keyboard = new Keyboard();
  keyboard.type("m\t\x1b[C");
  const tabbed: boolean[] = [];
  for (let keys = 0; keys < 3; keys++) {
    await keyboard.step();
    tabbed.push(keyboard.keys.tabbed);
  }
  assertEquals(tabbed, [false, true, false]);
});

Deno.test("the prompt is given a key that does nothing, to ask for its suggestions again", async () => {
  const keyboard = new Keyboard();
  keyboard.type("math");
  await keyboard.step();
  keyboard.keys.renew();
  await keyboard.step();
  assertEquals(keyboard.pieces, ["math", "\x04"]);
  assertEquals(await keyboard.enter(".add"), "math.add");
});
