// What a REPL uses of @cliffy/prompt 1.2's Input, with the same options, keys, looks and protected members: one line, a
// suggestion shown dim behind the cursor, which Tab or the right arrow completes, up and down choose. As there, the
// terminal is raw only while a key is awaited, and Ctrl-C ends the process with 130.
// Left out: defaults, validation, hints, lists, ids, files, key maps, words, and matching of misspelt words
// (`searchMode` is "fuzzy").
import { bold, brightBlue, dim, green, stripAnsiCode, underline, yellow } from "@std/fmt/colors";
import type { InputOptions } from "./input_options.ts";
import { type KeyCode, parseKeys } from "./keys.ts";
import { search } from "./search.ts";

export type * from "./input_options.ts";

const encoder = new TextEncoder();

export class Input {
  protected inputValue = "";
  /** Where the cursor is in `inputValue`. */
  protected inputIndex = 0;
  protected suggestions: Array<string | number> = [];
  protected suggestionsIndex = -1;

  readonly #options: InputOptions;
  readonly #decoder = new TextDecoder();
  #deselected = false;
  #value: string | undefined;

  constructor(options: string | InputOptions) {
    this.#options = typeof options === "string" ? { message: options } : options;
  }

  /** Asks, and waits for the answer. */
  static prompt(options: string | InputOptions): Promise<string> {
    return new this(options).prompt();
  }

  async prompt(): Promise<string> {
    try {
      do await this.render(); while (!await this.read());
      if (this.#value === undefined) throw new Error("internal error: failed to read value");
      this.clear();
      this.#write(`${this.success(this.#value)}\n`);
      return this.#value;
    } finally {
      this.#write("\x1b[?25h");
    }
  }

  /** Draws the prompt. */
  protected async render(): Promise<void> {
    await this.match();
    this.clear();
    const column = stripAnsiCode(this.message()).length - stripAnsiCode(this.input()).length +
      this.inputIndex;
    this.#write(`${this.message()}\x1b[${column + 1}G`);
  }

  protected clear(): void {
    this.#write("\r\x1b[J");
  }

  /** Reads keys and does what they say; true when there is an answer. */
  protected async read(): Promise<boolean> {
    const { reader = Deno.stdin, cbreak = false } = this.#options;
    // Raw no longer than needed, so that Ctrl-C works as ever while nothing is asked.
    if (reader.isTerminal()) reader.setRaw(true, { cbreak });
    const buffer = new Uint8Array(8);
    const length = await reader.read(buffer);
    if (reader.isTerminal()) reader.setRaw(false);
    const typed = this.#decoder.decode(buffer.subarray(0, length ?? 0), { stream: true });
    for (const key of parseKeys(typed)) await this.handleEvent(key);
    return this.#value !== undefined;
  }

  protected async handleEvent(event: KeyCode): Promise<void> {
    const { name, char, ctrl } = event;
    if (name === "c" && ctrl) {
      this.clear();
      Deno.exit(130);
    } else if (name === "return" || name === "enter") await this.submit();
    else if (name === "tab") await this.#complete();
    else if (name === "right" && this.inputIndex === this.inputValue.length) await this.#complete();
    else if (name === "right") this.inputIndex++;
    else if (name === "left") this.inputIndex = Math.max(0, this.inputIndex - 1);
    else if (name === "delete") this.deleteCharRight();
    else if (name === "backspace" && this.inputIndex > 0) {
      this.inputIndex--;
      this.deleteCharRight();
    } else if (name === "up") this.#select(1);
    else if (name === "down") this.#select(-1);
    else if (name === "escape") {
      this.#deselected = true;
      this.suggestionsIndex = -1;
    } else if (char) this.addChar(char);
  }

  protected addChar(char: string): void {
    this.#deselected = false;
    this.inputValue = this.inputValue.slice(0, this.inputIndex) + char +
      this.inputValue.slice(this.inputIndex);
    this.inputIndex++;
  }

  protected deleteCharRight(): void {
    this.#deselected = false;
    this.inputValue = this.inputValue.slice(0, this.inputIndex) + this.inputValue.slice(this.inputIndex + 1);
  }

  /** Finds the suggestions for what was typed. */
  protected async match(): Promise<void> {
    const { suggestions = [], searchMode = "fuzzy" } = this.#options;
    const all = typeof suggestions === "function" ? await suggestions(this.inputValue) : suggestions;
    this.suggestions = search(this.inputValue, [...new Set(all.map(String))], searchMode);
    const first = this.inputValue.trim() === "" ? -1 : 0;
    this.suggestionsIndex = this.#deselected
      ? -1
      : Math.max(first, Math.min(this.suggestions.length - 1, this.suggestionsIndex));
  }

  /** The rest of the chosen suggestion. */
  protected getSuggestion(): string {
    return this.suggestions[this.suggestionsIndex]?.toString().slice(this.inputValue.length) ?? "";
  }

  protected submit(): Promise<void> {
    const { transform = (value: string) => value.trim() } = this.#options;
    this.#value = transform(this.inputValue);
    return Promise.resolve();
  }

  protected message(): string {
    return this.#prompt() + this.input();
  }

  protected input(): string {
    return underline(this.inputValue) + dim(this.getSuggestion());
  }

  /** What is left of the prompt once it is answered. */
  protected success(value: string): string {
    return this.#prompt() + green(value);
  }

  #prompt(): string {
    const { message, pointer = brightBlue("›"), prefix = yellow("? ") } = this.#options;
    return `${prefix}${bold(message)} ${pointer} `;
  }

  async #complete(): Promise<void> {
    this.#deselected = false;
    const suggestion = this.suggestions[this.suggestionsIndex]?.toString();
    const { complete } = this.#options;
    this.inputValue = complete ? await complete(this.inputValue, suggestion) : suggestion ?? this.inputValue;
    this.inputIndex = this.inputValue.length;
    this.suggestionsIndex = 0;
  }

  #select(step: 1 | -1): void {
    this.#deselected = false;
    this.suggestionsIndex = Math.max(-1, Math.min(this.suggestions.length - 1, this.suggestionsIndex + step));
  }

  #write(text: string): void {
    (this.#options.writer ?? Deno.stdout).writeSync(encoder.encode(text));
  }
}
