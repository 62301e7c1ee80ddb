import { unicodeWidth } from "@std/cli/unicode-width";
import { red } from "@std/fmt/colors";
import { GhostError } from "../../gmp/errors.ts";
import type { GhostNode } from "../node/ghost_node.ts";
import { showError } from "./caret.ts";
import { completionsOf } from "./completions.ts";
import { evaluate, type Outcome, type ReplConsole } from "./evaluate.ts";
import type { History } from "./history.ts";
import { EndOfInput } from "./key_reader.ts";
import { type LineInput, Withdrawn } from "./line_input.ts";
import { LiveVocabulary } from "./live_vocabulary.ts";
import { parse } from "./parser.ts";

/** What the terminal's REPL works with. */
export interface TerminalOptions {
  /** The node whose prompt it is. */
  readonly node: GhostNode;
  /** Where lines are typed. */
  readonly input: LineInput;
  /** Where effects are seen. */
  readonly console: ReplConsole;
  /** The lines of earlier sessions. */
  readonly history: History;
  /** Shows errors and news. */
  complain(text: string): void;
}

interface Question {
  readonly text: string;
  readonly answer: (yes: boolean) => void;
}

/**
 * The prompt at a terminal, until `exit` or Ctrl-D. Ctrl-C stops a running call, or empties the line; it never ends the
 * node.
 */
export class Terminal {
  readonly #options: TerminalOptions;
  readonly #vocabulary: LiveVocabulary;
  readonly #news: string[] = [];
  readonly #questions = new Set<Question>();
  /** Whether a line is being typed, which news and questions have taken back. */
  #typing = false;
  #running: AbortController | undefined;

  /** A terminal that asks nothing yet. */
  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#vocabulary = new LiveVocabulary(options.node);
  }

  /** Tells the person something, without tearing the line being typed. */
  tell(text: string): void {
    if (this.#running !== undefined) return this.#options.complain(text);
    this.#news.push(text);
    this.#interject();
  }

  /** Asks a question of yes or no; no when nobody answers within `time` milliseconds. */
  async confirm(text: string, time: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const question = { text, answer: resolve };
    this.#questions.add(question);
    const timer = setTimeout(() => {
      resolve(false);
      if (this.#questions.delete(question)) return;
      // It is being asked: the prompt comes back in its place.
      this.#interject();
    }, time);
    this.#interject();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads and does lines until the end, or until `stop`. */
  async run(stop: AbortSignal): Promise<void> {
    const { input, console } = this.#options;
    const interrupt = () => this.#interrupt();
    const leave = () => {
      this.#running?.abort();
      input.leave();
    };
    Deno.addSignalListener("SIGINT", interrupt);
    stop.addEventListener("abort", leave, { once: true });
    try {
      while (!stop.aborted && await this.#line() === "continue");
    } catch (error) {
      if (!(error instanceof EndOfInput)) throw error;
      console.print("");
      console.print("Goodbye :(");
    } finally {
      Deno.removeSignalListener("SIGINT", interrupt);
      stop.removeEventListener("abort", leave);
    }
  }

  async #line(): Promise<Outcome> {
    const { node, console, history, complain } = this.#options;
    const prompt = `(${node.name})`;
    let line = await this.#ask(prompt);
    let parsed = parse(line);
    while (!parsed.ok && parsed.error.incomplete) {
      const more = await this.#ask(".".repeat(unicodeWidth(prompt)));
      if (more === "") break;
      line = `${line}\n${more}`;
      parsed = parse(line);
    }
    history.add(line);
    if (!parsed.ok) {
      const { position, message } = parsed.error;
      const shown = showError(line, unicodeWidth(prompt) + 3, position, message, console.columns);
      complain(shown.replace(/\^.*$/, red));
      return "continue";
    }
    this.#running = new AbortController();
    try {
      return await evaluate(parsed.expression, node, console, this.#running.signal);
    } catch (error) {
      const { code, message } = GhostError.from(error);
      complain(`${red(code)}: ${message}`);
      return "continue";
    } finally {
      this.#running = undefined;
    }
  }

  /** Asks for a line; whatever takes it back for a moment goes before. */
  async #ask(message: string): Promise<string> {
    for (;;) {
      try {
        for (const question of this.#questions) await this.#put(question);
        for (const text of this.#news.splice(0)) this.#options.complain(text);
        this.#vocabulary.refresh().catch(() => {
          // Without GPMD there is nothing new to suggest.
        });
        return await this.#type(
          message,
          async (text) => completionsOf(text, await this.#vocabulary.for(text)),
        );
      } catch (error) {
        if (!(error instanceof Withdrawn)) throw error;
      }
    }
  }

  async #put(question: Question): Promise<void> {
    this.#questions.delete(question);
    const answer = await this.#type(`${question.text} [y/N]`);
    question.answer(/^y(es)?$/i.test(answer.trim()));
  }

  async #type(...question: Parameters<LineInput["ask"]>): Promise<string> {
    this.#typing = true;
    try {
      return await this.#options.input.ask(...question);
    } finally {
      this.#typing = false;
    }
  }

  /** Takes the line being typed back, once. */
  #interject(): void {
    if (!this.#typing) return;
    this.#typing = false;
    this.#options.input.withdraw();
  }

  #interrupt(): void {
    if (this.#running !== undefined) return this.#running.abort();
    if (this.#options.input.clear()) this.tell("To leave, press Ctrl-D or type exit");
  }
}
