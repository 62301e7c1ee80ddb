import { Input } from "@cliffy/prompt";
import { bold, dim, underline } from "@std/fmt/colors";
import { MAX_LINE_LENGTH } from "../language/parser.ts";
import { cursorMove, eraser, fitted, type Picture } from "./drawing.ts";
import { characterLeft, characterRight, type Draft, spacedWordLeft, wordLeft, wordRight } from "./editing.ts";
import { type Action, ACTIONS } from "./editor_keys.ts";
import { HistorySearch, HistoryWalk } from "./history_walk.ts";
import type { KeyReader } from "./key_reader.ts";
import type { Key } from "./keys.ts";
import { EndOfInput } from "./key_source.ts";
import type { LineCompletions } from "./line_completions.ts";
import type { Screen } from "./screen.ts";

/** What a line is typed with. */
interface EditorParts {
  /** Stands before the line. */
  readonly message: string;
  /** Where keys come from. */
  readonly keys: KeyReader;
  /** Where the line is drawn. */
  readonly screen: Screen;
  /** What the line could become. */
  readonly completions: LineCompletions;
  /** Lines to go back to, the latest last. */
  readonly history: readonly string[];
  /** What was cut from a line, for this one or a later one. */
  readonly clipboard: { text: string };
  /** What is in the line already. */
  readonly draft: Draft;
  /** Whether nothing is missing in a line. */
  isWhole(text: string): boolean;
}

const NOTHING: Picture = { prompt: "", typed: "", hint: "", cursor: 0 };

/**
 * Cliffy's `Input`, which asks, suggests and completes, with what else people use at a prompt: a history, a clipboard, words, and
 * lines of several rows. It reads whole keys, draws once for all that have arrived, and draws no more than the
 * terminal has room for.
 */
export class LineEditor extends Input {
  readonly #parts: EditorParts;
  readonly #walk: HistoryWalk;
  #search: HistorySearch | undefined;
  /** What is on the screen. */
  #shown = NOTHING;
  /** The text for which there are suggestions. */
  #matched: string | undefined;
  #isTabbing = false;
  /** Whether the line ends with a parenthesis that a completion has put there, and that may be typed once more. */
  #isClosed = false;

  /** An editor of one line. */
  constructor(parts: EditorParts) {
    const { message, screen, completions, draft } = parts;
    const encoded = new TextDecoder();
    super({
      message,
      prefix: "",
      pointer: ">",
      writer: {
        writeSync: (bytes) => {
          screen.write(encoded.decode(bytes, { stream: true }));
          return bytes.length;
        },
      },
      transform: (text) => text,
      searchMode: "substring",
      suggestions: (text) => completions.find(text),
      complete: (text, shown) =>
        this.#isTabbing ? completions.common(text) : completions.accepted(text, shown),
    });
    this.#parts = parts;
    this.#walk = new HistoryWalk(parts.history);
    this.inputValue = draft.text;
    this.inputIndex = draft.cursor;
  }

  /** The line as it is. */
  get draft(): Draft {
    return { text: this.inputValue, cursor: this.inputIndex };
  }

  /** Takes the line and its prompt from the screen. */
  erase(): void {
    this.clear();
  }

  /** The line is drawn where the cursor is now, and not where it was. */
  forget(): void {
    this.#shown = NOTHING;
  }

  protected override async read(): Promise<boolean> {
    const { keys } = this.#parts;
    do {
      const key = await keys.next();
      if (key === undefined) return false;
      if (await this.#take(key)) return true;
    } while (keys.waiting);
    return false;
  }

  protected override async match(): Promise<void> {
    this.#matched = this.inputValue;
    await super.match();
  }

  protected override async render(): Promise<void> {
    const { keys, screen } = this.#parts;
    if (keys.waiting) return;
    await this.match();
    const { size } = screen;
    const erased = eraser(this.#shown, size.columns);
    this.#shown = fitted(this.#picture(), size);
    screen.write(erased + this.message() + cursorMove(this.#shown, size.columns));
  }

  protected override clear(): void {
    const { screen } = this.#parts;
    screen.write(eraser(this.#shown, screen.size.columns));
    this.#shown = NOTHING;
  }

  protected override message(): string {
    return this.#search === undefined ? super.message() : bold(this.#shown.prompt) + this.input();
  }

  protected override input(): string {
    const { typed, hint } = this.#shown;
    return underline(typed) + dim(hint);
  }

  #picture(): Picture {
    if (this.#search !== undefined) {
      const { line, text, found } = this.#search;
      const prompt = `${found ? "search" : "not found"} "${text}": `;
      return { prompt, typed: line, hint: "", cursor: Math.max(0, line.indexOf(text)) };
    }
    const suggestion = this.getSuggestion();
    // Without colours, brackets tell what is suggested from what was typed.
    const hint = Deno.noColor && suggestion !== "" ? `[${suggestion}]` : suggestion;
    return { prompt: `${this.#parts.message} > `, typed: this.inputValue, hint, cursor: this.inputIndex };
  }

  /** Does what a key says; true when it ends the line. */
  async #take(key: Key): Promise<boolean> {
    if (this.#search !== undefined && this.#takeInSearch(this.#search, key)) return false;
    if (key.kind === "text") {
      this.#type(key.text);
      return false;
    }
    const action = ACTIONS.get(key.name);
    if (action === "submit") {
      await this.submit();
      return true;
    }
    if (action !== undefined) await this.#do(action);
    return false;
  }

  #type(text: string): void {
    if (this.#isClosed && text.startsWith(")") && this.inputIndex === this.inputValue.length) {
      // While the line lacks a parenthesis, this is the one.
      if (this.#parts.isWhole(this.inputValue)) {
        this.#isClosed = false;
        text = text.slice(1);
      }
    } else this.#isClosed = false;
    // A character more than a line may have shows that it is too long.
    const room = MAX_LINE_LENGTH + 1 - this.inputValue.length;
    const typed = text.slice(0, Math.max(0, room));
    if (typed === "") return;
    this.addChar(typed);
    this.inputIndex += typed.length - 1; // `addChar` counts one
  }

  async #do(action: Action): Promise<void> {
    const { inputValue: text, inputIndex: at } = this;
    if (action !== "complete" && action !== "right") this.#isClosed = false;
    switch (action) {
      case "complete":
        return await this.#complete("tab");
      case "right":
        if (at === text.length) return await this.#complete("right");
        this.inputIndex = characterRight(text, at);
        return;
      case "deselect":
        return await this.handleEvent({ name: "escape" });
      case "leave":
        if (text === "") throw new EndOfInput("The person leaves");
        return this.#delete(at, characterRight(text, at));
      case "older":
        return this.#recall(1);
      case "newer":
        return this.#recall(-1);
      case "search":
        if (this.#parts.history.length > 0) this.#search = new HistorySearch(this.#parts.history);
        return;
      case "left":
        this.inputIndex = characterLeft(text, at);
        return;
      case "wordLeft":
        this.inputIndex = wordLeft(text, at);
        return;
      case "wordRight":
        this.inputIndex = wordRight(text, at);
        return;
      case "start":
        this.inputIndex = 0;
        return;
      case "end":
        this.inputIndex = text.length;
        return;
      case "deleteLeft":
        return this.#delete(characterLeft(text, at), at);
      case "deleteRight":
        return this.#delete(at, characterRight(text, at));
      case "cutSpacedWordLeft":
        return this.#cut(spacedWordLeft(text, at), at);
      case "cutWordLeft":
        return this.#cut(wordLeft(text, at), at);
      case "cutWordRight":
        return this.#cut(at, wordRight(text, at));
      case "cutToStart":
        return this.#cut(0, at);
      case "cutToEnd":
        return this.#cut(at, text.length);
      case "paste":
        return this.#type(this.#parts.clipboard.text);
      case "clearScreen":
        this.#parts.screen.write("\x1b[H\x1b[2J");
        return this.forget();
    }
  }

  /** Has `Input` complete the line, with the suggestions for what is in it now. */
  async #complete(name: "tab" | "right"): Promise<void> {
    const before = this.inputValue;
    if (this.#matched !== before) await this.match();
    this.#isTabbing = name === "tab";
    await this.handleEvent({ name });
    if (this.inputValue !== before) this.#isClosed = this.inputValue.endsWith(")");
  }

  /** Handles a key while the history is searched; false if it is one for the line that was found. */
  #takeInSearch(search: HistorySearch, key: Key): boolean {
    const action = key.kind === "key" ? ACTIONS.get(key.name) : undefined;
    if (key.kind === "text") search.search(search.text + key.text);
    else if (action === "search") search.earlier();
    else if (action === "deleteLeft") {
      search.search(search.text.slice(0, characterLeft(search.text, search.text.length)));
    } else if (action === "cancel" || action === "deselect") this.#search = undefined;
    else {
      this.#search = undefined;
      if (search.line !== "") this.#show(search.line);
      return false;
    }
    return true;
  }

  #recall(step: 1 | -1): void {
    const line = this.#walk.move(step, this.inputValue);
    if (line !== undefined) this.#show(line);
  }

  #show(text: string): void {
    this.inputValue = text;
    this.inputIndex = text.length;
  }

  #delete(from: number, to: number): void {
    this.inputValue = this.inputValue.slice(0, from) + this.inputValue.slice(to);
    this.inputIndex = from;
  }

  #cut(from: number, to: number): void {
    if (from === to) return;
    this.#parts.clipboard.text = this.inputValue.slice(from, to);
    this.#delete(from, to);
  }
}
