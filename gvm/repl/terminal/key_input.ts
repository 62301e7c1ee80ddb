import { Input } from "@cliffy/prompt";
import { EndOfInput, KeyReader, type KeySource } from "./key_reader.ts";
import { commonLine } from "../completion/choices.ts";
import { type Completion, type LineHelp, type LineInput, LineInterrupted } from "../completion/line_input.ts";

/** Lines typed key by key at a terminal that can move its cursor: Cliffy's `Input`, with a history. */
export class KeyInput implements LineInput {
  readonly #keys: KeyReader;
  #text = "";

  /** Reads from `source`; `history` has the latest line last. */
  constructor(source: KeySource, history: readonly string[]) {
    this.#keys = new KeyReader(source, history);
  }

  /** See {@linkcode LineInput.ask}. */
  ask(message: string, help: LineHelp): Promise<string> {
    return this.#prompt("command", message, help);
  }

  /** See {@linkcode LineInput.answer}. */
  answer(message: string): Promise<string> {
    return this.#prompt("answer", message, { complete: () => Promise.resolve([]), choose: () => {} });
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

  /** See {@linkcode LineInput.renew}. */
  renew(): void {
    this.#keys.renew();
  }

  /** See {@linkcode LineInput.leave}. */
  leave(): void {
    this.#keys.leave(new EndOfInput("The node is asked to stop"));
  }

  async #prompt(kind: "command" | "answer", message: string, help: LineHelp): Promise<string> {
    const completions = new Map<string, Completion>();
    const suggestions = async (text: string): Promise<string[]> => {
      this.#text = text;
      this.#keys.lineIs(text);
      completions.clear();
      if (text !== "") { for (const one of await help.complete(text)) completions.set(one.shown, one); }
      return [...completions.keys()];
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
        complete: (text, shown) => {
          // The right arrow accepts what is shown, whatever the alternatives.
          if (!this.#keys.tabbed) return completions.get(shown ?? "")?.line ?? text;
          const choices = [...completions.values()];
          const line = commonLine(text, choices);
          if (line === text && choices.length > 1) help.choose(choices);
          return line;
        },
      });
    } catch (error) {
      // An interrupted line's prompt is erased with it.
      if (error instanceof LineInterrupted) Deno.stdout.writeSync(new TextEncoder().encode("\r\x1b[J"));
      throw error;
    } finally {
      this.#keys.end();
    }
  }
}
