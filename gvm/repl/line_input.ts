/** Why a line was not read to its end: it is taken back for a moment, and is to be asked for again. */
export class Withdrawn extends Error {
  override readonly name = "Withdrawn";
}

/** Something that a line could become. */
export interface Completion {
  /** What is shown: begins with what was typed. */
  readonly shown: string;
  /** The line when it is accepted. */
  readonly line: string;
}

/** Where a person types lines. */
export interface LineInput {
  /**
   * Asks for a line, with `complete` for what it could become.
   *
   * @throws {EndOfInput} when the person leaves; {@linkcode Withdrawn}.
   */
  ask(message: string, complete?: (text: string) => Promise<Completion[]>): Promise<string>;
  /** Empties the line; true when there was nothing in it. */
  clear(): boolean;
  /** Takes the line back, so that something can be shown; what was typed of it stands in the next one. */
  withdraw(): void;
  /** Ends the line, and all that would follow. */
  leave(): void;
}
