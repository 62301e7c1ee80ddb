// What a REPL uses of @cliffy/prompt 1.2's Input, with the same options, keys and looks: one line, suggestions shown
// dim behind the cursor (or as a list), Tab or the right arrow completes, up and down choose. As there, the terminal
// is raw only while a key is awaited, Ctrl-C ends the process with 130 and Ctrl-D does nothing.
// Left out: ids, files, key maps, pages of a list, and matching of misspelt words (`searchMode` is "fuzzy").
import { bold, brightBlue, dim, green, italic, red, stripAnsiCode, underline, yellow } from "@std/fmt/colors";
import type { InputOptions } from "./input_options.ts";
import { type Action, parseKeys } from "./keys.ts";
import { search } from "./search.ts";

export type * from "./input_options.ts";

const encoder = new TextEncoder();

export class Input {
  static #injected: string | undefined;

  readonly #options: InputOptions;
  readonly #decoder = new TextDecoder();
  #value = "";
  /** Where the cursor is in `#value`. */
  #index = 0;
  #suggestions: string[] = [];
  #selected = -1;
  #deselected = false;
  #error: string | undefined;
  #answer: string | undefined;
  /** How many terminal rows below the prompt's first one the cursor was left. */
  #row = 0;

  constructor(options: string | InputOptions) {
    this.#options = typeof options === "string" ? { message: options } : options;
  }

  /** Asks, and waits for the answer. */
  static prompt(options: string | InputOptions): Promise<string> {
    return new this(options).prompt();
  }

  /** Answers the next prompt with `value`, which then asks nobody. For tests. */
  static inject(value: string): void {
    Input.#injected = value;
  }

  async prompt(): Promise<string> {
    const injected = Input.#injected;
    Input.#injected = undefined;
    if (injected !== undefined) {
      await this.#submit(injected);
      if (this.#answer === undefined) throw new Error(this.#error);
    }
    while (this.#answer === undefined) {
      await this.#match();
      this.#render();
      this.#error = undefined;
      for (const key of parseKeys(await this.#read())) {
        if ("char" in key) this.#replace(this.#index, this.#index, key.char);
        else await this.#act(key.action);
      }
    }
    this.#clear();
    this.#write(`${this.#message()}${green(this.#answer)}\n`);
    return this.#answer;
  }

  async #read(): Promise<string> {
    const { reader = Deno.stdin, cbreak = false } = this.#options;
    // Raw no longer than needed, so that Ctrl-C works as ever while nothing is asked.
    if (reader.isTerminal()) reader.setRaw(true, { cbreak });
    const buffer = new Uint8Array(8);
    const length = await reader.read(buffer);
    if (reader.isTerminal()) reader.setRaw(false);
    if (length === null) {
      throw new Deno.errors.UnexpectedEof(
        "Cannot prompt: standard input is at its end",
      );
    }
    return this.#decoder.decode(buffer.subarray(0, length), { stream: true });
  }

  async #act(action: Action): Promise<void> {
    const before = this.#value.slice(0, this.#index);
    const after = this.#value.slice(this.#index);
    const wordLeft = before.trimEnd().lastIndexOf(" ") + 1;
    const wordRight = this.#index + (/^\S*\s*/.exec(after)?.[0].length ?? 0);
    switch (action) {
      case "interrupt":
        this.#clear();
        return Deno.exit(130);
      case "submit":
        if (this.#isSubmittedComplete() && this.#selected >= 0) {
          await this.#complete();
        }
        return await this.#submit(this.#value);
      case "complete":
        return await this.#complete();
      case "right":
        if (after === "") return await this.#complete();
        return this.#moveTo(this.#index + 1);
      case "left":
        return this.#moveTo(Math.max(0, this.#index - 1));
      case "wordLeft":
        return this.#moveTo(wordLeft);
      case "wordRight":
        return this.#moveTo(wordRight);
      case "deleteLeft":
        return this.#replace(Math.max(0, this.#index - 1), this.#index);
      case "deleteRight":
        return this.#replace(this.#index, this.#index + 1);
      case "deleteWordLeft":
        return this.#replace(wordLeft, this.#index);
      case "deleteWordRight":
        return this.#replace(this.#index, wordRight);
      case "deselect":
        this.#deselected = true;
        return;
      // A list is drawn from the top down; behind the cursor, up is further into the suggestions.
      case "up":
        return this.#select(this.#options.list ? -1 : 1);
      case "down":
        return this.#select(this.#options.list ? 1 : -1);
    }
  }

  #moveTo(index: number): void {
    this.#index = index;
  }

  #replace(from: number, to: number, text = ""): void {
    this.#value = this.#value.slice(0, from) + text + this.#value.slice(to);
    this.#index = from + text.length;
    this.#deselected = false;
    if (this.#value === "") this.#selected = -1;
  }

  #select(step: 1 | -1): void {
    this.#deselected = false;
    this.#selected = Math.max(
      -1,
      Math.min(this.#suggestions.length - 1, this.#selected + step),
    );
  }

  async #match(): Promise<void> {
    const { suggestions = [], searchMode = "fuzzy" } = this.#options;
    const all = typeof suggestions === "function" ? await suggestions(this.#value) : suggestions;
    const unique = [...new Set(all.map(String))].filter((suggestion) => suggestion !== "");
    this.#suggestions = search(this.#value, unique, searchMode);
    const first = this.#value.trim() === "" ? -1 : 0;
    this.#selected = this.#deselected
      ? -1
      : Math.max(first, Math.min(this.#suggestions.length - 1, this.#selected));
  }

  async #complete(): Promise<void> {
    const suggestion = this.#suggestions[this.#selected];
    const { complete } = this.#options;
    this.#value = complete ? await complete(this.#value, suggestion) : suggestion ?? this.#value;
    this.#index = this.#value.length;
    this.#selected = 0;
    this.#deselected = false;
  }

  async #submit(value: string): Promise<void> {
    const {
      default: fallback,
      validate,
      transform,
      minLength = 0,
      maxLength = Infinity,
    } = this.#options;
    if (value === "" && fallback !== undefined) {
      this.#answer = fallback;
      return;
    }
    let verdict: string | boolean = true;
    if (validate) verdict = await validate(value);
    else if (value.length < minLength) {
      verdict = `Value must be longer than ${minLength} but has a length of ${value.length}.`;
    } else if (value.length > maxLength) {
      verdict = `Value can't be longer than ${maxLength} but has a length of ${value.length}.`;
    }
    if (verdict === true) {
      this.#answer = transform ? transform(value) : value.trim();
    } else this.#error = verdict === false ? "Invalid answer." : verdict;
  }

  #isSubmittedComplete(): boolean {
    return this.#options.completeOnSubmit ?? this.#options.list ?? false;
  }

  #message(): string {
    const {
      message,
      default: fallback,
      hideDefault,
      pointer = brightBlue("›"),
      prefix = yellow("? "),
    } = this.#options;
    const shown = fallback === undefined || hideDefault ? "" : dim(` (${fallback})`);
    return `${this.#options.indent ?? ""}${prefix}${bold(message)}${shown} ${pointer} `;
  }

  #render(): void {
    this.#clear();
    const message = this.#message();
    const suggestion = this.#suggestions[this.#selected]?.slice(this.#value.length) ?? "";
    const lines = [
      message + underline(this.#value) + dim(suggestion),
      ...this.#list(),
      ...this.#footer(),
    ];
    const columns = this.#columns();
    const cursor = stripAnsiCode(message).length + this.#index;
    const rows = lines.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(stripAnsiCode(line).length / columns)),
      0,
    );
    this.#row = Math.floor(cursor / columns);
    const up = Math.max(0, rows - 1 - this.#row);
    this.#write(
      `${lines.join("\n")}${up > 0 ? `\x1b[${up}A` : ""}\x1b[${cursor % columns + 1}G`,
    );
  }

  #list(): string[] {
    const { list, indent = "", listPointer = brightBlue("❯"), maxRows = 8 } = this.#options;
    if (!list) return [];
    const from = Math.max(0, this.#selected - maxRows + 1);
    return this.#suggestions.slice(from, from + maxRows).map((suggestion, i) =>
      from + i === this.#selected
        ? `${indent}${listPointer} ${underline(suggestion)}`
        : `${indent}  ${dim(suggestion)}`
    );
  }

  #footer(): string[] {
    const { indent = "", info, hint } = this.#options;
    const keys = "Next: ↑, Previous: ↓, Complete: ⇥, Submit: ↵";
    const count = bold(` ${this.#selected + 1}/${this.#suggestions.length} `);
    const lines = info ? [`${indent}${brightBlue("ℹ")}${count}${keys}`] : [];
    if (this.#error) lines.push(indent + red(bold("✘ ") + this.#error));
    else if (hint) lines.push(indent + italic(brightBlue(dim("❯ ") + hint)));
    return lines;
  }

  #clear(): void {
    this.#write(`${this.#row > 0 ? `\x1b[${this.#row}A` : ""}\r\x1b[J`);
    this.#row = 0;
  }

  #columns(): number {
    // Not a terminal: nothing wraps.
    return Deno.stdout.isTerminal() ? Deno.consoleSize().columns : Infinity;
  }

  #write(text: string): void {
    (this.#options.writer ?? Deno.stdout).writeSync(encoder.encode(text));
  }
}
