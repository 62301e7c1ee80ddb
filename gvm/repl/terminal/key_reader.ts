import { type Key, KeyDecoder } from "./keys.ts";
import { EndOfInput, type KeySource } from "./key_source.ts";

/** Bytes read at once: what a terminal has at most for one who reads. */
const READ_BYTES = 4096;
/**
 * Keys and pieces of text that are read ahead while something is pasted, before any of them is handled. What is pasted is read
 * to its end first, since the terminal would show again what it gets while a command runs; and a program must not fill the
 * memory by pasting without end.
 */
const PASTE_LIMIT = 65_536;

/** Keys from a terminal, one after the other; what is typed ahead or pasted stays for the next line. */
export class KeyReader {
  readonly #source: KeySource;
  #decoder = new KeyDecoder();
  /** Keys typed but not yet handled. */
  #keys: Key[] = [];
  #interruption: Error | undefined;
  #renewed = false;
  #reading: Promise<Uint8Array | null> | undefined;
  #woken = Promise.withResolvers<undefined>();

  /** Reads from `source`. */
  constructor(source: KeySource) {
    this.#source = source;
  }

  /** Whether keys are there already, or on their way, for which a drawing can wait. */
  get waiting(): boolean {
    return this.#interruption === undefined && (this.#keys.length > 0 || this.#gathering);
  }

  /** A line begins. */
  begin(): void {
    this.#interruption = undefined;
    this.resume();
  }

  /** Has the terminal send keys, which it forgets when the process was stopped. */
  resume(): void {
    // For the whole line: if it were switched for each key, some keys would be echoed.
    if (this.#source.isTerminal()) this.#source.setRaw(true, { cbreak: true });
  }

  /** The line has ended. */
  end(): void {
    if (this.#source.isTerminal()) this.#source.setRaw(false);
  }

  /** Drops what was typed ahead. */
  drop(): void {
    this.#keys = [];
    this.#decoder = new KeyDecoder();
  }

  /** Ends the reading with `reason`; what is typed meanwhile goes to the next line. */
  interrupt(reason: Error): void {
    this.#interruption ??= reason;
    this.#woken.resolve(undefined);
  }

  /** Has the line drawn again. */
  renew(): void {
    this.#renewed = true;
    this.#woken.resolve(undefined);
  }

  /**
   * The next key, or `undefined` when the line is to be drawn again.
   *
   * @throws {EndOfInput} when the terminal is gone; what {@linkcode KeyReader.interrupt} was given.
   */
  async next(): Promise<Key | undefined> {
    for (;;) {
      if (this.#interruption !== undefined) throw this.#interruption;
      if (this.#renewed) {
        this.#renewed = false;
        return undefined;
      }
      const key = this.#gathering ? undefined : this.#keys.shift();
      if (key !== undefined) return key;
      await this.#listen();
    }
  }

  get #gathering(): boolean {
    return this.#decoder.pasting && this.#keys.length < PASTE_LIMIT;
  }

  /** Waits until there are keys, or something else to do. */
  async #listen(): Promise<void> {
    this.#reading ??= this.#read();
    const bytes = await Promise.race([this.#reading, this.#woken.promise]);
    if (bytes === undefined) {
      this.#woken = Promise.withResolvers();
      return;
    }
    this.#reading = undefined;
    if (bytes === null) throw new EndOfInput("The terminal is gone");
    this.#keys.push(...this.#decoder.decode(bytes));
  }

  /** What was typed; `null` when the terminal has gone, as a closed window has. */
  async #read(): Promise<Uint8Array | null> {
    const bytes = new Uint8Array(READ_BYTES);
    const count = await this.#source.read(bytes).catch(() => null);
    return count === null ? null : bytes.subarray(0, count);
  }
}
