/** A line that was not read to its end. */
export class LineInterrupted extends Error {
  override readonly name = "LineInterrupted";

  /**
   * `withdrawn`: set aside for a moment, to be asked for again; `discarded`: thrown away by Ctrl-C, and whether there was nothing
   * in it.
   */
  constructor(readonly reason: "withdrawn" | "discarded", readonly isEmpty: boolean = false) {
    super(`The line was ${reason}`);
  }
}

/** Something that a line could become. */
export interface Completion {
  /** The text shown, which begins with what was typed. */
  readonly shown: string;
  /** The line after accepting it. */
  readonly line: string;
  /** Its name in a list. */
  readonly name: string;
  /** A few words about it, or nothing. */
  readonly hint: string;
}

/** Helps a person to type a line. */
export interface LineHelp {
  /** What the line could become. */
  complete(text: string): Promise<Completion[]>;
  /** Shows several to choose from. */
  choose(completions: readonly Completion[]): void;
  /** Whether nothing is missing in the line, nor wrong. */
  isWhole(text: string): boolean;
}

/** Where a person types lines. */
export interface LineInput {
  /**
   * Asks for a line of commands.
   *
   * @throws {EndOfInput} when the person leaves; {@linkcode LineInterrupted}.
   */
  ask(message: string, help: LineHelp): Promise<string>;
  /** Asks for an answer, without completion or history; see {@linkcode LineInput.ask}. */
  answer(message: string): Promise<string>;
  /** Discards the line, and what was typed ahead. */
  discard(): void;
  /** Sets the line aside, so that something can be shown; its text reappears in the next one. */
  withdraw(): void;
  /** Asks for completions again. */
  renew(): void;
  /** Drops what was typed ahead. */
  drop(): void;
  /** The process goes on after it was stopped: the terminal has forgotten how lines are typed. */
  resume(): void;
  /** Ends the line, and all reading. */
  leave(): void;
}
