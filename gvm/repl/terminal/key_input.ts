import { type LineHelp, type LineInput, LineInterrupted } from "../completion/line_input.ts";
import type { Draft } from "./editing.ts";
import { KeyReader } from "./key_reader.ts";
import { EndOfInput, type KeySource } from "./key_source.ts";
import { MARK_PASTES } from "./keys.ts";
import { LineCompletions } from "./line_completions.ts";
import { LineEditor } from "./line_editor.ts";
import { type Screen, STANDARD_SCREEN } from "./screen.ts";

const EMPTY: Draft = { text: "", cursor: 0 };
const NO_HELP: LineHelp = { complete: () => Promise.resolve([]), choose: () => {}, isWhole: () => true };

/** Lines typed key by key at a terminal that can move its cursor. */
export class KeyInput implements LineInput {
  readonly #keys: KeyReader;
  readonly #history: readonly string[];
  readonly #screen: Screen;
  readonly #clipboard = { text: "" };
  /** The line being typed. */
  #editor: LineEditor | undefined;
  /** A command that was set aside, to go on with. */
  #withdrawn = EMPTY;

  /** Reads from `source`; `history` has the latest line last. */
  constructor(source: KeySource, history: readonly string[], screen: Screen = STANDARD_SCREEN) {
    this.#keys = new KeyReader(source);
    this.#history = history;
    this.#screen = screen;
  }

  /** See {@linkcode LineInput.ask}. */
  async ask(message: string, help: LineHelp): Promise<string> {
    const draft = this.#withdrawn;
    this.#withdrawn = EMPTY;
    return await this.#edit(message, help, this.#history, draft);
  }

  /** See {@linkcode LineInput.answer}. */
  async answer(message: string): Promise<string> {
    const withdrawn = this.#withdrawn;
    try {
      return await this.#edit(message, NO_HELP, [], EMPTY);
    } finally {
      this.#withdrawn = withdrawn;
    }
  }

  /** See {@linkcode LineInput.discard}. */
  discard(): void {
    this.#keys.drop();
    this.#keys.interrupt(new LineInterrupted("discarded", this.#editor?.draft.text === ""));
  }

  /** See {@linkcode LineInput.drop}. */
  drop(): void {
    this.#keys.drop();
  }

  /** See {@linkcode LineInput.withdraw}. */
  withdraw(): void {
    this.#keys.interrupt(new LineInterrupted("withdrawn"));
  }

  /** See {@linkcode LineInput.renew}. */
  renew(): void {
    this.#keys.renew();
  }

  /** See {@linkcode LineInput.resume}. */
  resume(): void {
    if (this.#editor === undefined) return;
    this.#keys.resume();
    this.#screen.write(MARK_PASTES.on);
    this.#editor.forget();
    this.#keys.renew();
  }

  /** See {@linkcode LineInput.leave}. */
  leave(): void {
    this.#keys.interrupt(new EndOfInput("The node is asked to stop"));
  }

  async #edit(message: string, help: LineHelp, history: readonly string[], draft: Draft): Promise<string> {
    const editor = new LineEditor({
      message,
      keys: this.#keys,
      screen: this.#screen,
      completions: new LineCompletions(help),
      history,
      clipboard: this.#clipboard,
      draft,
      isWhole: (text) => help.isWhole(text),
    });
    this.#editor = editor;
    this.#keys.begin();
    this.#screen.write(MARK_PASTES.on);
    try {
      return await editor.prompt();
    } catch (error) {
      if (error instanceof LineInterrupted) {
        editor.erase();
        if (error.reason === "withdrawn") this.#withdrawn = editor.draft;
      }
      throw error;
    } finally {
      this.#editor = undefined;
      this.#screen.write(MARK_PASTES.off);
      this.#keys.end();
    }
  }
}
