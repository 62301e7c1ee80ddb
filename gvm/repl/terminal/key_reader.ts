/** Where a prompt reads keys. */
export interface KeySource {
  /** Reads what was typed. */
  read(bytes: Uint8Array): Promise<number | null>;
  /** Switches the terminal between lines and keys. */
  setRaw(mode: boolean, options?: Deno.SetRawOptions): void;
  /** True when it is a terminal. */
  isTerminal(): boolean;
}

/** The person leaves: Ctrl-D at an empty line, or the terminal is gone. */
export class EndOfInput extends Error {
  override readonly name = "EndOfInput";
}

/** Bytes read at once: pasted text comes in large pieces. */
const READ_BYTES = 4096;
/** Bytes that Cliffy's `Input` reads at once. */
const PIECE_BYTES = 8;

/** A key: an escape sequence, Alt with a key, or one character. */
// deno-lint-ignore no-control-regex
const KEY = /\x1b\[[\d;]*[A-Za-z~]|\x1bO[A-Z]|\x1b[^[O\x1b]|[^]/gu;
/** The beginning of an escape sequence whose rest has yet to arrive. */
// deno-lint-ignore no-control-regex
const UNFINISHED = /\x1b(?:\[[\d;]*|O)$/;
// deno-lint-ignore no-control-regex
const PRINTABLE = /^[^\x00-\x1f\x7f]$/u;

const DELETE_LEFT = "\x7f";
const DELETE_RIGHT = "\x1b[3~";
const LEFT = "\x1b[D";
/** Ctrl-D, for which `Input` only does what it does for every key. */
const NOTHING = "\x04";

const encoder = new TextEncoder();

/**
 * Keys for Cliffy's `Input`, which lacks a history and several keys that people use at a prompt. It gets
 * whole keys, never more than it reads at once and nothing beyond the key that ends a line, so that text
 * typed ahead or pasted goes to the next prompt. Ctrl-D at an empty line ends the reading; the up and down
 * keys replace the line being typed with another.
 */
export class KeyReader {
  readonly #source: KeySource;
  readonly #history: readonly string[];
  #kind: "command" | "answer" = "command";
  /** How many lines back in the history; 0 is the line being typed. */
  #back = 0;
  /** The text in the line. */
  #typed = "";
  /** The line being typed, while one from the history is shown instead. */
  #draft = "";
  /** A line that was set aside, to be typed again. */
  #withdrawn = "";
  /** The key handled last. */
  #latest = "";
  /** Keys typed but not yet handled. */
  #keys: string[] = [];
  /** Pieces on their way to `Input`. */
  #pieces: Uint8Array[] = [];
  /** Tasks for when `Input` has handled all pieces, and `#typed` is the text in the line. */
  #tasks: (() => void)[] = [];
  #reading: Promise<string | null> | undefined;
  #woken = Promise.withResolvers<undefined>();
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** Reads from `source`; `history` has the latest line last. */
  constructor(source: KeySource, history: readonly string[]) {
    this.#source = source;
    this.#history = history;
  }

  /** Whether the latest key was Tab. */
  get tabbed(): boolean {
    return this.#latest === "\t";
  }

  /** A line begins: a command, with the text of one that was set aside, or an answer. */
  begin(kind: "command" | "answer"): void {
    this.#kind = kind;
    this.#back = 0;
    this.#typed = "";
    this.#draft = "";
    this.#tasks = [];
    this.#pieces = [];
    if (kind === "command") {
      this.#pieces = piecesOf(this.#withdrawn);
      this.#withdrawn = "";
    }
    // For the whole line: if it were switched for each key, as `Input` does, some keys would be echoed.
    if (this.isTerminal()) this.#source.setRaw(true, { cbreak: true });
  }

  /** The line has ended. */
  end(): void {
    if (this.isTerminal()) this.#source.setRaw(false);
  }

  /** Receives the text in the line, before every key. */
  lineIs(text: string): void {
    this.#typed = text;
  }

  /** Empties the line, drops what was typed ahead, and ends the reading with `reason`. */
  discard(reason: Error): void {
    this.#keys = [];
    this.#soon(() => this.#replaceWith(""));
    this.leave(reason);
  }

  /** Empties the line and ends the reading with `reason`; a command's text reappears in the next line. */
  withdraw(reason: Error): void {
    this.#soon(() => {
      if (this.#kind === "command") this.#withdrawn = this.#typed;
      this.#replaceWith("");
    });
    this.leave(reason);
  }

  /** Makes `Input` ask for its suggestions again. */
  renew(): void {
    this.#soon(() => this.#send([NOTHING]));
  }

  /** Ends the reading with `reason`; what is typed meanwhile goes to the next line. */
  leave(reason: Error): void {
    this.#soon(() => {
      throw reason;
    });
  }

  /** See {@linkcode KeySource.isTerminal}. */
  isTerminal(): boolean {
    return this.#source.isTerminal();
  }

  /** For `Input`, which would switch the terminal for each key. */
  setRaw(): void {}

  /** See {@linkcode KeySource.read}. @throws {EndOfInput} at Ctrl-D, and when the terminal is gone. */
  async read(bytes: Uint8Array): Promise<number> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        bytes.set(piece);
        return piece.length;
      }
      const task = this.#tasks.shift();
      const key = task === undefined ? this.#keys.shift() : undefined;
      if (task !== undefined) task();
      else if (key !== undefined) this.#take(key);
      else await this.#listen();
    }
  }

  /** Waits until there is a key or a task. */
  async #listen(): Promise<void> {
    this.#reading ??= this.#readSource();
    const text = await Promise.race([this.#reading, this.#woken.promise]);
    if (text === undefined) {
      this.#woken = Promise.withResolvers();
      return;
    }
    this.#reading = undefined;
    if (text === null) throw new EndOfInput("The terminal is gone");
    const whole = this.#rest + text;
    this.#rest = UNFINISHED.exec(whole)?.[0] ?? "";
    this.#keys.push(...whole.slice(0, whole.length - this.#rest.length).match(KEY) ?? []);
  }

  async #readSource(): Promise<string | null> {
    const bytes = new Uint8Array(READ_BYTES);
    const count = await this.#source.read(bytes);
    return count === null ? null : this.#decoder.decode(bytes.subarray(0, count), { stream: true });
  }

  #soon(task: () => void): void {
    this.#tasks.push(task);
    this.#woken.resolve(undefined);
  }

  #take(key: string): void {
    this.#latest = key;
    switch (key) {
      case "\x1b[A":
      case "\x1bOA":
        return this.#move(1);
      case "\x1b[B":
      case "\x1bOB":
        return this.#move(-1);
      case "\x04": // Ctrl-D
        if (this.#typed === "") throw new EndOfInput("The person leaves");
        return this.#send([DELETE_RIGHT]);
      case "\x01": // Ctrl-A
      case "\x1b[H":
      case "\x1bOH":
      case "\x1b[1~":
        return this.#send(this.#forEach(LEFT));
      case "\x05": // Ctrl-E
      case "\x1b[F":
      case "\x1bOF":
      case "\x1b[4~":
        // At the end of the line the right arrow accepts a suggestion, so it must not be pressed once too
        // often.
        return this.#replaceWith(this.#typed);
      case "\x15": // Ctrl-U
        return this.#send(this.#forEach(DELETE_LEFT));
      case "\x0b": // Ctrl-K
        return this.#send(this.#forEach(DELETE_RIGHT));
    }
    let piece = key;
    while (PRINTABLE.test(key) && PRINTABLE.test(this.#keys[0] ?? "") && fits(piece + this.#keys[0])) {
      piece += this.#keys.shift();
    }
    this.#send([piece]);
  }

  #move(step: 1 | -1): void {
    const back = Math.max(0, Math.min(this.#history.length, this.#back + step));
    if (back === this.#back || this.#kind === "answer") return;
    if (this.#back === 0) this.#draft = this.#typed;
    this.#back = back;
    this.#replaceWith(back === 0 ? this.#draft : this.#history[this.#history.length - back]!);
  }

  /** Types keys that delete the line, wherever the cursor is, and then `text`. */
  #replaceWith(text: string): void {
    this.#send([...this.#forEach(DELETE_RIGHT), ...this.#forEach(DELETE_LEFT)]);
    this.#pieces.push(...piecesOf(text));
  }

  /** The key once for each character of the line. */
  #forEach(key: string): string[] {
    return Array.from(this.#typed, () => key);
  }

  #send(keys: readonly string[]): void {
    this.#pieces.push(...packed(keys));
  }
}

/** The keys that type `text`. */
function piecesOf(text: string): Uint8Array[] {
  return packed([...text.replaceAll("\n", " ")].filter((character) => PRINTABLE.test(character)));
}

/** Packs as many whole keys into a piece as `Input` reads at once. */
function packed(keys: readonly string[]): Uint8Array[] {
  const pieces: string[] = [];
  for (const key of keys) {
    const last = pieces.length - 1;
    if (last >= 0 && fits(pieces[last] + key)) pieces[last] += key;
    else pieces.push(key);
  }
  return pieces.map((piece) => encoder.encode(piece));
}

function fits(text: string): boolean {
  return encoder.encode(text).length <= PIECE_BYTES;
}
