/** What a prompt reads keys from. */
export interface KeySource {
  /** Reads what was typed. */
  read(bytes: Uint8Array): Promise<number | null>;
  /** Switches the terminal between lines and keys. */
  setRaw(mode: boolean, options?: Deno.SetRawOptions): void;
  /** True when it is a terminal. */
  isTerminal(): boolean;
}

/** Ctrl-D at an empty line: the person leaves. */
export class EndOfInput extends Error {
  override readonly name = "EndOfInput";
}

/** Bytes that `Input` reads at once. */
const READ_BYTES = 8;
const CTRL_D = 4;
const UP = ["\x1b[A", "\x1bOA"];
const DOWN = ["\x1b[B", "\x1bOB"];
const DELETE_LEFT = "\x7f";
const DELETE_RIGHT = "\x1b[3~";

/**
 * Keys for Cliffy's `Input`, which knows neither Ctrl-D nor a history: Ctrl-D at an empty line ends the reading, the up
 * and down keys become the keys that put an earlier line in place of the one being typed, and `clear` does the same with
 * an empty line.
 */
export class KeyReader implements KeySource {
  readonly #source: KeySource;
  readonly #history: readonly string[];
  /** Lines back in the history; 0 is the line being typed. */
  #back = 0;
  #typed = "";
  #draft = "";
  #queue: Uint8Array[] = [];
  #reading: Promise<Uint8Array | null> | undefined;
  #wake = Promise.withResolvers<void>();
  #reason: Error | undefined;

  /** Reads from `source`; `history` has the latest line last. */
  constructor(source: KeySource, history: readonly string[]) {
    this.#source = source;
    this.#history = history;
  }

  /** Told what stands in the line, before every key. */
  lineIs(text: string): void {
    this.#typed = text;
  }

  /** A new line begins. */
  begin(): void {
    this.#back = 0;
    this.#typed = "";
    this.#draft = "";
  }

  /** Empties the line. */
  clear(): void {
    this.#back = 0;
    this.#replaceWith("");
  }

  /** Ends the reading under way with `reason`; what is typed meanwhile is for the next one. */
  leave(reason: Error): void {
    this.#reason = reason;
    this.#wake.resolve();
  }

  /** See {@linkcode KeySource.isTerminal}. */
  isTerminal(): boolean {
    return this.#source.isTerminal();
  }

  /** See {@linkcode KeySource.setRaw}. */
  setRaw(mode: boolean, options?: Deno.SetRawOptions): void {
    this.#source.setRaw(mode, options);
  }

  /** See {@linkcode KeySource.read}. @throws {EndOfInput} at Ctrl-D, and when the terminal is gone. */
  async read(bytes: Uint8Array): Promise<number | null> {
    for (;;) {
      if (this.#reason !== undefined) this.#leave(this.#reason);
      const keys = this.#queue.shift();
      if (keys !== undefined) {
        bytes.set(keys);
        return keys.length;
      }
      this.#reading ??= this.#readSource();
      const typed = await Promise.race([this.#reading, this.#wake.promise]);
      if (typed === undefined) {
        this.#wake = Promise.withResolvers();
        continue;
      }
      this.#reading = undefined;
      if (typed === null || (typed.length === 1 && typed[0] === CTRL_D && this.#typed === "")) {
        this.#leave(new EndOfInput("The input has ended"));
      }
      const key = new TextDecoder().decode(typed);
      if (UP.includes(key)) this.#move(1);
      else if (DOWN.includes(key)) this.#move(-1);
      else this.#queue.push(typed);
    }
  }

  async #readSource(): Promise<Uint8Array | null> {
    const bytes = new Uint8Array(READ_BYTES);
    const count = await this.#source.read(bytes);
    return count === null ? null : bytes.subarray(0, count);
  }

  #leave(reason: Error): never {
    this.#reason = undefined;
    if (this.isTerminal()) this.setRaw(false);
    throw reason;
  }

  #move(step: 1 | -1): void {
    const back = Math.max(0, Math.min(this.#history.length, this.#back + step));
    if (back === this.#back) return;
    if (this.#back === 0) this.#draft = this.#typed;
    this.#back = back;
    this.#replaceWith(back === 0 ? this.#draft : this.#history[this.#history.length - back]!);
  }

  /** Types the keys that delete the line, wherever the cursor is, and then `text`. */
  #replaceWith(text: string): void {
    const keys: string[] = Array.from(this.#typed, () => DELETE_RIGHT);
    keys.push(...Array.from(this.#typed, () => DELETE_LEFT), ...text.replaceAll("\n", " "));
    this.#queue = packKeys(keys);
    this.#wake.resolve();
  }
}

/** As many whole keys to a piece as `Input` reads at once. */
function packKeys(keys: readonly string[]): Uint8Array[] {
  const encoder = new TextEncoder();
  const pieces: Uint8Array[] = [];
  let piece = "";
  for (const key of keys) {
    if (piece !== "" && encoder.encode(piece + key).length > READ_BYTES) {
      pieces.push(encoder.encode(piece));
      piece = "";
    }
    piece += key;
  }
  if (piece !== "") pieces.push(encoder.encode(piece));
  return pieces;
}
