import { GhostError } from "../../../../gmp/errors.ts";

/** Bytes that the HTTP messages of one guest may take: none is ever sent, so a few requests are all there is. */
const MAX_HTTP_BYTES = 1 << 22;
/** What a message or its fields take besides their text, about. */
const OBJECT_BYTES = 256;

/** The memory of one guest's HTTP messages. */
export class HttpBudget {
  #left = MAX_HTTP_BYTES;

  /**
   * Counts an object and `bytes` of text.
   *
   * @throws {GhostError} `MEMORY_LIMIT`.
   */
  take(bytes: number): number {
    const taken = bytes + OBJECT_BYTES;
    if (taken > this.#left) {
      throw new GhostError(
        "MEMORY_LIMIT",
        `Cannot make another HTTP message: they have ${MAX_HTTP_BYTES} bytes together`,
        { details: { limit: MAX_HTTP_BYTES } },
      );
    }
    this.#left -= taken;
    return taken;
  }

  /** Returns what was taken. */
  give(taken: number): void {
    this.#left += taken;
  }
}
