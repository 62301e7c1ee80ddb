import { Input } from "@cliffy/prompt";
import { EndOfInput, KeyReader, type KeySource } from "./key_reader.ts";
import { type Completion, type LineInput, LineInterrupted } from "./line_input.ts";

/** Lines typed key by key at a terminal that can move its cursor: Cliffy's `Input`, with a history. */
export class KeyInput implements LineInput {
  readonly #keys: KeyReader;
  #text = "";

  /** Reads from `source`; `history` has the latest line last. */
  constructor(source: KeySource, history: readonly string[]) {
    this.#keys = new KeyReader(source, history);
  }

  /** See {@linkcode LineInput.ask}. */
  ask(message: string, complete: (text: string) => Promise<Completion[]>): Promise<string> {
    return this.#prompt("command", message, complete);
  }

  /** See {@linkcode LineInput.answer}. */
  answer(message: string): Promise<string> {
    return this.#prompt("answer", message, () => Promise.resolve([]));
  }

  /** See {@linkcode LineInput.discard}. */
  discard(): boolean {
    this.#keys.discard(new LineInterrupted("discarded"));
    return this.#text === "";
  }

  /** See {@linkcode LineInput.withdraw}. */
  withdraw(): void {
    this.#keys.withdraw(new LineInterrupted("withdrawn"));
  }

  /** See {@linkcode LineInput.leave}. */
  leave(): void {
    this.#keys.leave(new EndOfInput("The node is asked to stop"));
  }

  async #prompt(
    kind: "command" | "answer",
    message: string,
    complete: (text: string) => Promise<Completion[]>,
  ): Promise<string> {
    const lines = new Map<string, string>();
    const suggestions = async (text: string): Promise<string[]> => {
      this.#text = text;
      this.#keys.lineIs(text);
      lines.clear();
      if (text !== "") { for (const { shown, line } of await complete(text)) lines.set(shown, line); }
      return [...lines.keys()];
    };
    this.#keys.begin(kind);
    try {
      return await Input.prompt({
        message,
        prefix: "",
        pointer: ">",
        cbreak: true,
        reader: this.#keys,
        transform: (text) => text,
        searchMode: "substring",
        suggestions,
        complete: (text, shown) => lines.get(shown ?? "") ?? text,
      });
    } catch (error) {
      // The prompt of a line that is no more goes with it.
      if (error instanceof LineInterrupted) Deno.stdout.writeSync(new TextEncoder().encode("\r\x1b[J"));
      throw error;
    } finally {
      this.#keys.end();
    }
  }
}
