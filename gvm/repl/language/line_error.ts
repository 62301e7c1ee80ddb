/** What is wrong with a line, and where. Its message is a few plain words, such as `expected an argument`. */
export class LineError extends Error {
  override readonly name = "LineError";
  /** Offset of the mistake in UTF-16 units; the line's length if something is missing at its end. */
  readonly position: number;
  /** True if the line only needs to continue: a parenthesis or a quote is still open at its end. */
  readonly incomplete: boolean;

  constructor(message: string, position: number, incomplete = false) {
    super(message);
    this.position = position;
    this.incomplete = incomplete;
  }
}
