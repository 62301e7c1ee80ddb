import { assertEquals, assertRejects } from "@std/assert";
import type { Key } from "../../../../gvm/repl/terminal/keys.ts";
import { KeyReader } from "../../../../gvm/repl/terminal/key_reader.ts";
import { EndOfInput } from "../../../../gvm/repl/terminal/key_source.ts";

/** A terminal whose person types what the test says, in the chunks in which it is read. */
class Keyboard {
  readonly modes: boolean[] = [];
  readonly keys: KeyReader;
  readonly #typed: (string | null)[] = [];
  #waiting = Promise.withResolvers<void>();

  constructor() {
    this.keys = new KeyReader({
      read: (bytes) => this.#read(bytes),
      setRaw: (mode) => this.modes.push(mode),
      isTerminal: () => true,
    });
    this.keys.begin();
  }

  /** Types chunks, each read at once; `null` closes the terminal. */
  type(...chunks: (string | null)[]): void {
    this.#typed.push(...chunks);
    this.#waiting.resolve();
  }

  /** The next key as it was typed. */
  async next(): Promise<string | undefined> {
    const key: Key | undefined = await this.keys.next();
    return key?.kind === "text" ? key.text : key?.name;
  }

  async #read(bytes: Uint8Array): Promise<number | null> {
    while (this.#typed.length === 0) {
      await this.#waiting.promise;
      this.#waiting = Promise.withResolvers();
    }
    const chunk = this.#typed.shift()!;
    return chunk === null ? null : new TextEncoder().encodeInto(chunk, bytes).written;
  }
}

Deno.test("what is typed ahead is for the next line, and waits", async () => {
  const keyboard = new Keyboard();
  keyboard.type("first\rsecond");
  assertEquals([await keyboard.next(), await keyboard.next()], ["first", "\r"]);
  keyboard.keys.end();
  keyboard.keys.begin();
  assertEquals(keyboard.keys.waiting, true);
  assertEquals(await keyboard.next(), "second");
  assertEquals(keyboard.keys.waiting, false);
});

Deno.test("what is pasted is read to its end before any of it is handled", async () => {
  const keyboard = new Keyboard();
  keyboard.type("\x1b[200~first\r", "second", "\r\x1b[201~third");
  assertEquals(await keyboard.next(), "first");
  assertEquals(keyboard.keys.waiting, true);
  const rest: unknown[] = [];
  while (keyboard.keys.waiting) rest.push(await keyboard.next());
  assertEquals(rest, ["\r", "second", "\r", "third"]);
});

Deno.test("a paste without end is handled all the same", async () => {
  const keyboard = new Keyboard();
  const lines = "\r".repeat(4000);
  keyboard.type("\x1b[200~", ...Array.from({ length: 20 }, () => lines));
  for (let i = 0; i < 10_000; i++) assertEquals(await keyboard.next(), "\r");
});

Deno.test("an interruption goes before the keys, which stay, unless they are dropped", async () => {
  const keyboard = new Keyboard();
  keyboard.type("a\tb");
  assertEquals(await keyboard.next(), "a");
  keyboard.keys.interrupt(new Error("something is to be shown"));
  assertEquals(keyboard.keys.waiting, false);
  await assertRejects(() => keyboard.next(), Error, "something is to be shown");
  keyboard.keys.begin();
  assertEquals(await keyboard.next(), "\t");
  keyboard.keys.drop();
  keyboard.type("c");
  assertEquals(await keyboard.next(), "c");
});

Deno.test("a line that waits for keys is interrupted and renewed", async () => {
  const keyboard = new Keyboard();
  const renewed = keyboard.next();
  keyboard.keys.renew();
  assertEquals(await renewed, undefined);
  const interrupted = keyboard.next();
  keyboard.keys.interrupt(new Error("stop"));
  await assertRejects(() => interrupted, Error, "stop");
  keyboard.keys.begin();
  keyboard.type("a");
  assertEquals(await keyboard.next(), "a");
});

Deno.test("a terminal that is gone ends the reading", async () => {
  const keyboard = new Keyboard();
  keyboard.type("abc", null);
  assertEquals(await keyboard.next(), "abc");
  await assertRejects(() => keyboard.next(), EndOfInput);
});

Deno.test("the terminal gives keys for as long as a line is typed, and again when it has forgotten", () => {
  const keyboard = new Keyboard();
  keyboard.keys.resume();
  keyboard.keys.end();
  assertEquals(keyboard.modes, [true, true, false]);
});
