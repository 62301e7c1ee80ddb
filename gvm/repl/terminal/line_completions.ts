import { commonLine } from "../completion/choices.ts";
import type { Completion, LineHelp } from "../completion/line_input.ts";

/** What the line being typed could become, as Cliffy's `Input` asks for it. */
export class LineCompletions {
  readonly #help: LineHelp;
  readonly #completions = new Map<string, Completion>();

  /** Asks `help`. */
  constructor(help: LineHelp) {
    this.#help = help;
  }

  /** The texts that are shown for `text`; none for an empty line, which everything could become. */
  async find(text: string): Promise<string[]> {
    this.#completions.clear();
    if (text === "") return [];
    for (const one of await this.#help.complete(text)) this.#completions.set(one.shown, one);
    return [...this.#completions.keys()];
  }

  /** The line when what is shown behind it is accepted, whatever the alternatives. */
  accepted(text: string, shown: string | undefined): string {
    return this.#completions.get(shown ?? "")?.line ?? text;
  }

  /** The line after Tab: what all completions have in common; several that have no more in common are listed. */
  async common(text: string): Promise<string> {
    const found = text === "" ? await this.#help.complete(text) : [...this.#completions.values()];
    // The rest of a signature is only shown.
    const choices = found.filter((one) => one.line !== text);
    const line = commonLine(text, choices);
    if (line === text && choices.length > 1) this.#help.choose(choices);
    return line;
  }
}
