/** What is wrong with a line, and where. Its message is a few plain words, such as `expected an argument`. */
export class LineError extends Error {
  override readonly name = "LineError";
  /** Offset in UTF-16 units of what is wrong; the line's length when something is missing at its end. */
  readonly position: number;
  /** True when the line would be fine if it went on: a parenthesis or a quote is still open at its end. */
  readonly incomplete: boolean;

  constructor(message: string, position: number, incomplete = false) {
    super(message);
    this.position = position;
    this.incomplete = incomplete;
  }
}
