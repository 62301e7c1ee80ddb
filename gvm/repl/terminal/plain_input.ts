import { EndOfInput, type KeySource } from "./key_source.ts";
import { type LineInput, LineInterrupted } from "../completion/line_input.ts";

const encoder = new TextEncoder();

/**
 * Lines at a terminal that cannot move its cursor (`TERM=dumb`), or that standard output does not go to; the terminal itself edits
 * them.
 */
export class PlainInput implements LineInput {
  readonly #source: Pick<KeySource, "read">;
  readonly #decoder = new TextDecoder();
  #text = "";
  #reading: Promise<number | null> | undefined;
  readonly #buffer = new Uint8Array(4096);
  #interrupted = Promise.withResolvers<Error>();

  /** Reads from `source`. */
  constructor(source: Pick<KeySource, "read">) {
    this.#source = source;
  }

  /** See {@linkcode LineInput.ask}. */
  async ask(message: string): Promise<string> {
    this.#interrupted = Promise.withResolvers();
    this.#show(`${message} > `);
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line.replace(/\r$/, "");
      }
      this.#reading ??= this.#source.read(this.#buffer);
      const count = await Promise.race([this.#reading, this.#interrupted.promise]);
      if (count instanceof Error) {
        this.#show("\n");
        throw count;
      }
      this.#reading = undefined;
      if (count === null) throw new EndOfInput("The person leaves");
      this.#text += this.#decoder.decode(this.#buffer.subarray(0, count), { stream: true });
    }
  }

  /** Shows what is for the person who types, as shells do where standard output goes elsewhere. */
  #show(text: string): void {
    (Deno.stdout.isTerminal() ? Deno.stdout : Deno.stderr).writeSync(encoder.encode(text));
  }

  /** See {@linkcode LineInput.answer}. */
  answer(message: string): Promise<string> {
    return this.ask(message);
  }

  /** See {@linkcode LineInput.discard}. The terminal has discarded it, and nobody else knows its text. */
  discard(): void {
    this.#interrupted.resolve(new LineInterrupted("discarded"));
  }

  /** See {@linkcode LineInput.withdraw}. */
  withdraw(): void {
    this.#interrupted.resolve(new LineInterrupted("withdrawn"));
  }

  /** See {@linkcode LineInput.renew}. There are no suggestions here. */
  renew(): void {}

  /** See {@linkcode LineInput.drop}. The terminal drops it itself. */
  drop(): void {}

  /** See {@linkcode LineInput.resume}. The line is the terminal's own. */
  resume(): void {}

  /** See {@linkcode LineInput.leave}. */
  leave(): void {
    this.#interrupted.resolve(new EndOfInput("The node is asked to stop"));
  }
}
