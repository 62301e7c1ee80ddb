import { GhostError } from "../../gmp/errors.ts";

/** The two streams a guest writes to. */
export type OutputStream = "stdout" | "stderr";

/**
 * Takes a call's output as it is written; the bytes are valid only during this callback. A promise asks a
 * guest that can wait to do so.
 */
export type TakeOutput = (bytes: Uint8Array, stream: OutputStream) => void | Promise<void>;

/** Counts one call's output and passes it on. */
export class LimitedOutput {
  #left: number;

  /** Lets `limit` bytes through to `take`; `failed` hears why no more go through, since the guest may catch the error. */
  constructor(
    readonly limit: number,
    readonly take: TakeOutput,
    readonly failed: (error: unknown) => void,
  ) {
    this.#left = limit;
  }

  /**
   * Passes `bytes` on.
   *
   * @throws {GhostError} `OUTPUT_LIMIT` once more than `limit` bytes were written; what `take` throws.
   */
  write(bytes: Uint8Array, stream: OutputStream): void | Promise<void> {
    try {
      this.#left -= bytes.length;
      if (this.#left < 0) {
        const message = `The call wrote more output than its limit of ${this.limit} bytes`;
        throw new GhostError("OUTPUT_LIMIT", message);
      }
      return this.take(bytes, stream);
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }
}
