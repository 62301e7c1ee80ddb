import { GhostError } from "../../gmp/errors.ts";
import { MAX_DECLARATIONS } from "../../gmp/messages/module.ts";

/** Counts what is written, so that a few bytes that describe gigabytes are refused before they are text. */
export class WrittenText {
  /** A part of a type counts wherever it is used: in the end it may be part of a text that counts again. */
  #left = 4 * MAX_DECLARATIONS;

  /** `text`, counted. @throws {GhostError} `PAYLOAD_TOO_LARGE`. */
  take(text: string): string {
    this.#left -= text.length;
    if (this.#left >= 0) return text;
    throw new GhostError(
      "PAYLOAD_TOO_LARGE",
      `Cannot write the types: they have over ${MAX_DECLARATIONS} characters`,
    );
  }
}
