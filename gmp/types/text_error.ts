/** What is wrong with a text that a person wrote, and where. Its message is a few plain words, such as `expected a value`. */
export class TextError extends Error {
  /** The name of the class. */
  override readonly name = "TextError";
  /** Offset of the mistake in UTF-16 units; the text's length if something is missing at its end. */
  readonly position: number;
  /** True if the text only needs to continue: a bracket or a quote is still open at its end. */
  readonly incomplete: boolean;

  /** A mistake at `position`. */
  constructor(message: string, position: number, incomplete = false) {
    super(message);
    this.position = position;
    this.incomplete = incomplete;
  }
}
