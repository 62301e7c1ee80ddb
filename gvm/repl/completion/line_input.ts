/** Why a line was not read to its end. */
export class LineInterrupted extends Error {
  override readonly name = "LineInterrupted";

  /** `withdrawn`: taken back for a moment, to be asked for again; `discarded`: thrown away by Ctrl-C. */
  constructor(readonly reason: "withdrawn" | "discarded") {
    super(`The line was ${reason}`);
  }
}

/** Something that a line could become. */
export interface Completion {
  /** What is shown: begins with what was typed. */
  readonly shown: string;
  /** The line when it is accepted. */
  readonly line: string;
  /** How it is listed among others. */
  readonly name: string;
  /** A few words on it, or nothing. */
  readonly hint: string;
}

/** What helps a person with a line. */
export interface LineHelp {
  /** What the line could become. */
  complete(text: string): Promise<Completion[]>;
  /** Shows that there are several to choose from. */
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
  /** Asks for an answer, which neither completes nor is remembered; see {@linkcode LineInput.ask}. */
  answer(message: string): Promise<string>;
  /** Throws the line away; true when there was nothing in it. */
  discard(): boolean;
  /** Takes the line back, so that something can be shown; what was typed of it stands in the next one. */
  withdraw(): void;
  /** Asks again what the line could become. */
  renew(): void;
  /** Ends the line, and all that would follow. */
  leave(): void;
}
