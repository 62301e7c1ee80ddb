import { Input } from "@cliffy/prompt";
import { unicodeWidth } from "@std/cli/unicode-width";
import type { GhostNode } from "../node/ghost_node.ts";
import { showError } from "./caret.ts";
import { evaluate, type ReplConsole } from "./evaluate.ts";
import type { History } from "./history.ts";
import { EndOfInput, KeyReader } from "./key_reader.ts";
import { errorText } from "./lines.ts";
import { parse } from "./parser.ts";
import { accept, suggest, type Vocabulary } from "./suggest.ts";

/** Why the prompt was left in the middle of a line: somebody wants an answer first. */
const QUESTION = new Error("A question goes first");

/** What the terminal's REPL works with. */
export interface TerminalOptions {
  /** The node whose prompt it is. */
  readonly node: GhostNode;
  /** Where effects are seen. */
  readonly console: ReplConsole;
  /** The lines of earlier sessions. */
  readonly history: History;
  /** Shows errors and news. */
  complain(text: string): void;
  /** Answers what names there are, for suggestions. */
  vocabulary(): Promise<Vocabulary>;
}

/**
 * The prompt at a terminal: reads lines with Cliffy's `Input` until `exit` or Ctrl-D. Ctrl-C stops a running call, or
 * empties the line; it never ends the node.
 */
export class Terminal {
  readonly #options: TerminalOptions;
  readonly #keys: KeyReader;
  readonly #news: string[] = [];
  readonly #questions: { question: string; answer: (yes: boolean) => void }[] = [];
  #asking = false;
  #running: AbortController | undefined;
  #vocabulary: Vocabulary = { nodes: [], connected: [], modules: [] };

  /** A terminal that asks nothing yet. */
  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#keys = new KeyReader(Deno.stdin, options.history.lines);
  }

  /** Tells the person something, without tearing the line being typed. */
  tell(text: string): void {
    if (this.#asking) this.#news.push(text);
    else this.#options.complain(text);
  }

  /** Asks a question of yes or no when the line being typed is done; no after `time` milliseconds. */
  async confirm(question: string, time: number): Promise<boolean> {
    const asked = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => asked.resolve(false), time);
    this.#questions.push({ question, answer: asked.resolve });
    // The line under way is taken back for as long as the question takes.
    if (this.#asking) this.#keys.leave(QUESTION);
    try {
      return await asked.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads and does lines until the end, or until `stop`. */
  async run(stop: AbortSignal): Promise<void> {
    const { console } = this.#options;
    const interrupt = () => this.#interrupt();
    const end = () => this.#keys.leave(new EndOfInput("The node is asked to stop"));
    Deno.addSignalListener("SIGINT", interrupt);
    stop.addEventListener("abort", end, { once: true });
    try {
      while (await this.#line() === "continue");
    } catch (error) {
      if (!(error instanceof EndOfInput)) throw error;
      console.print("");
    } finally {
      Deno.removeSignalListener("SIGINT", interrupt);
      stop.removeEventListener("abort", end);
    }
    console.print("Goodbye :(");
  }

  async #line(): Promise<"continue" | "exit"> {
    const { node, console, history } = this.#options;
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
      this.#options.complain(showError(line, unicodeWidth(prompt) + 3, position, message, console.columns));
      return "continue";
    }
    this.#running = new AbortController();
    try {
      return await evaluate(parsed.expression, node, console, this.#running.signal);
    } catch (error) {
      this.#options.complain(errorText(error));
      return "continue";
    } finally {
      this.#running = undefined;
    }
  }

  async #ask(message: string): Promise<string> {
    for (;;) {
      for (const { question, answer } of this.#questions.splice(0)) {
        answer(/^y(es)?$/i.test((await this.#input(`${question} [y/N]`)).trim()));
      }
      try {
        return await this.#input(message);
      } catch (error) {
        if (error !== QUESTION) throw error;
      }
    }
  }

  async #input(message: string): Promise<string> {
    for (const text of this.#news.splice(0)) this.#options.complain(text);
    this.#options.vocabulary().then((known) => this.#vocabulary = known, () => {
      // Without GPMD there is nothing to suggest.
    });
    this.#keys.begin();
    this.#asking = true;
    try {
      return await Input.prompt({
        message,
        prefix: "",
        pointer: ">",
        cbreak: true,
        reader: this.#keys,
        transform: (text) => text,
        searchMode: "substring",
        suggestions: (text) => this.#suggest(text),
      });
    } finally {
      this.#asking = false;
    }
  }

  #suggest(text: string): string[] {
    this.#keys.lineIs(text);
    if (text === "") return [];
    return suggest(text, text.length, this.#vocabulary).map((candidate) => accept(text, candidate).line);
  }

  #interrupt(): void {
    if (this.#running !== undefined) this.#running.abort();
    else this.#keys.clear();
  }
}
