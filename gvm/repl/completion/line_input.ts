/** A line that was not read to its end. */
export class LineInterrupted extends Error {
  override readonly name = "LineInterrupted";

  /** `withdrawn`: set aside for a moment, to be asked for again; `discarded`: thrown away by Ctrl-C. */
  constructor(readonly reason: "withdrawn" | "discarded") {
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
  /** Discards the line; true if it was empty. */
  discard(): boolean;
  /** Sets the line aside, so that something can be shown; its text reappears in the next one. */
  withdraw(): void;
  /** Asks for completions again. */
  renew(): void;
  /** Ends the line, and all reading. */
  leave(): void;
}
