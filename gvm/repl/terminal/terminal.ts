import { unicodeWidth } from "@std/cli/unicode-width";
import type { GhostNode } from "../../node/ghost_node.ts";
import { showError } from "../language/caret.ts";
import { listChoices } from "../completion/choices.ts";
import { completionsOf } from "../completion/completions.ts";
import { evaluate, type Outcome, type ReplConsole } from "../evaluate.ts";
import type { History } from "./history.ts";
import { EndOfInput } from "./key_source.ts";
import { type LineHelp, type LineInput, LineInterrupted } from "../completion/line_input.ts";
import { errorText } from "../lines.ts";
import { LiveVocabulary } from "../completion/live_vocabulary.ts";
import { TextError } from "../../../gmp/types/text_error.ts";
import type { ParsedLine } from "../language/parser.ts";
import type { Expression } from "../language/syntax.ts";

/** What the terminal's REPL needs. */
interface TerminalOptions {
  /** The prompt's node. */
  readonly node: GhostNode;
  /** Where lines are typed. */
  readonly input: LineInput;
  /** Shows effects. */
  readonly console: ReplConsole;
  /** The lines of earlier runs. */
  readonly history: History;
  /** The paths of files that begin so. */
  files(typed: string): Promise<readonly string[]>;
  /** Parses a line, or the beginning of one. */
  parse(text: string): ParsedLine;
  /** Shows errors and news. */
  complain(text: string): void;
  /** An error's code, or the line that points at a mistake, as it is to look. */
  paint(text: string): string;
}

/**
 * Milliseconds within which two SIGINTs are one Ctrl-C: the terminal sends it to `deno task`, too, which passes it on.
 */
const SAME_KEY = 250;

interface Question {
  readonly text: string;
  readonly answer: (yes: boolean) => void;
}

/**
 * The prompt at a terminal, until `exit` or Ctrl-D. Ctrl-C stops a running call or empties the line, but
 * never ends the node.
 */
export class Terminal {
  readonly #options: TerminalOptions;
  readonly #vocabulary: LiveVocabulary;
  readonly #news: string[] = [];
  readonly #questions = new Set<Question>();
  #asked: Question | undefined;
  /** Whether a line is being typed, which news and questions interrupt. */
  #typing = false;
  /** Whether a command continues in the line being typed. */
  #goingOn = false;
  /** The line parsed last. */
  #latest: ParsedLine | undefined;
  /** The running command. */
  #running: { readonly expression: Expression; readonly stop: AbortController } | undefined;
  /** When Ctrl-C was pressed last. */
  #interrupted = -Infinity;

  /** A terminal that asks nothing yet. */
  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#vocabulary = new LiveVocabulary(
      options.node,
      () => {
        if (this.#typing) options.input.renew();
      },
      (typed) => options.files(typed),
      () => options.console.handles.list(),
    );
  }

  readonly #help: LineHelp = {
    complete: async (text) => {
      this.#interrupted = -Infinity;
      const line = this.#parse(text);
      return completionsOf(line, await this.#vocabulary.for(line));
    },
    choose: (completions) => this.#tell(listChoices(completions, this.#options.console.columns)),
    isWhole: (text) => this.#parse(text).ok,
  };

  /**
   * Asks a question of yes or no; no when nobody answers within `time` milliseconds, or before `signal`, at which `gone` is told.
   */
  async confirm(text: string, time: number, signal: AbortSignal, gone: string): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    if (signal.aborted) return false;
    const question = { text, answer: resolve };
    const timer = setTimeout(() => resolve(false), time);
    const leave = () => {
      this.#news.push(gone);
      resolve(false);
    };
    signal.addEventListener("abort", leave, { once: true });
    this.#questions.add(question);
    this.#interject();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", leave);
      // An unanswered question makes room for the prompt again.
      if (this.#questions.delete(question) && this.#asked === question) this.#interject();
    }
  }

  /** Reads and runs lines until the end, or until `stop`. */
  async run(stop: AbortSignal): Promise<void> {
    const { input, console } = this.#options;
    const leave = () => {
      this.#running?.stop.abort();
      input.leave();
    };
    const stopListening = this.#listen();
    const signals = ([
      ["SIGINT", () => this.#interrupt()],
      ["SIGCONT", () => input.resume()],
      ["SIGWINCH", () => this.#typing && input.renew()],
    ] as const).filter(([name]) => name === "SIGINT" || Deno.build.os !== "windows");
    for (const [name, listener] of signals) Deno.addSignalListener(name, listener);
    stop.addEventListener("abort", leave, { once: true });
    try {
      while (!stop.aborted && await this.#line() === "continue");
    } catch (error) {
      if (!(error instanceof EndOfInput)) throw error;
      console.print("");
      console.print("Goodbye :(");
    } finally {
      for (const [name, listener] of signals) Deno.removeSignalListener(name, listener);
      stop.removeEventListener("abort", leave);
      stopListening();
    }
  }

  /** Reports the node's events, until the returned function is called. */
  #listen(): () => void {
    const { node } = this.#options;
    const stops = [
      node.on("connect", ({ name }) => this.#tell(`${name} connected`, name)),
      node.on("disconnect", ({ name, error }) => {
        this.#tell(`${name} ${error === undefined ? "disconnected" : "was lost"}`, name);
      }),
      node.on("gpmd", ({ state, error }) => {
        if (error !== undefined) {
          this.#tell(`GPMD is back and refuses this node: ${errorText(error)}`);
        } else this.#tell(state === "lost" ? "GPMD is gone, trying again" : "GPMD is back");
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /**
   * Tells the person something, without disturbing the line being typed; skips what a command about `peer`
   * itself reports.
   */
  #tell(text: string, peer?: string): void {
    if (this.#running === undefined) {
      this.#news.push(text);
      return this.#interject();
    }
    const { expression } = this.#running;
    const about = expression.kind === "connect" || expression.kind === "disconnect"
      ? expression.node.text
      : undefined;
    if (peer === undefined || about !== peer) this.#options.complain(text);
  }

  async #line(): Promise<Outcome> {
    const { node, console, history, complain, paint } = this.#options;
    const prompt = `(${node.name})`;
    const line = await this.#read(prompt);
    if (line === undefined) return "continue";
    this.#interrupted = -Infinity;
    history.add(line.text);
    const point = ({ position, message }: TextError) => {
      const shown = showError(line.text, unicodeWidth(prompt) + 3, position, message, console.columns);
      complain(shown.replace(/.*$/, paint));
    };
    if (!line.ok) {
      point(line.error);
      return "continue";
    }
    const { expression } = line;
    const stop = new AbortController();
    this.#running = { expression, stop };
    try {
      return await evaluate(expression, node, console, stop.signal);
    } catch (error) {
      if (error instanceof TextError) point(error);
      else complain(errorText(error, console.columns, paint));
      return "continue";
    } finally {
      this.#running = undefined;
    }
  }

  /** Parses `text`, unless it was parsed last: at Enter the line is the same as at the key before. */
  #parse(text: string): ParsedLine {
    return this.#latest?.text === text ? this.#latest : this.#latest = this.#options.parse(text);
  }

  /** Reads a command, which may span several lines; `undefined` if it was discarded. */
  async #read(prompt: string): Promise<ParsedLine | undefined> {
    try {
      let line = this.#parse(await this.#ask(prompt));
      this.#goingOn = true;
      while (!line.ok && line.error.incomplete) {
        const more = await this.#ask(".".repeat(unicodeWidth(prompt)));
        if (more === "") break;
        line = this.#parse(`${line.text}\n${more}`);
      }
      return line;
    } catch (error) {
      if (!isInterrupted(error, "discarded")) throw error;
      if (error.isEmpty && !this.#goingOn) this.#news.push("To leave, press Ctrl-D or type exit");
      return undefined;
    } finally {
      this.#goingOn = false;
    }
  }

  /** Asks for a line; whatever interrupts it goes first. */
  async #ask(message: string): Promise<string> {
    const { input, complain } = this.#options;
    for (;;) {
      try {
        for (const question of this.#questions) await this.#put(question);
        for (const text of this.#news.splice(0)) complain(text);
        this.#vocabulary.renew();
        return await this.#type(() => input.ask(message, this.#help));
      } catch (error) {
        if (!isInterrupted(error, "withdrawn")) throw error;
      }
    }
  }

  async #put(question: Question): Promise<void> {
    this.#asked = question;
    let answer = "";
    try {
      answer = await this.#type(() => this.#options.input.answer(`${question.text} [y/N]`));
    } catch (error) {
      if (!isInterrupted(error, "discarded")) throw error;
    } finally {
      this.#asked = undefined;
    }
    this.#questions.delete(question);
    question.answer(/^y(es)?$/i.test(answer.trim()));
  }

  async #type(ask: () => Promise<string>): Promise<string> {
    this.#typing = true;
    try {
      return await ask();
    } finally {
      this.#typing = false;
    }
  }

  /** Sets the line being typed aside, once. */
  #interject(): void {
    if (!this.#typing) return;
    this.#typing = false;
    this.#options.input.withdraw();
  }

  #interrupt(): void {
    const { input, console } = this.#options;
    const now = performance.now();
    const isSameKey = now - this.#interrupted < SAME_KEY;
    this.#interrupted = now;
    if (isSameKey) return;
    if (this.#running === undefined) input.discard();
    else {
      console.print(""); // after the ^C that the terminal shows
      input.drop();
      this.#running.stop.abort();
    }
  }
}

function isInterrupted(error: unknown, reason: LineInterrupted["reason"]): error is LineInterrupted {
  return error instanceof LineInterrupted && error.reason === reason;
}
