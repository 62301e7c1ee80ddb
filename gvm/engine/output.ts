import { GhostError } from "../../gmp/errors.ts";

/** The two streams a guest writes to. */
export type OutputStream = "stdout" | "stderr";

/**
 * Takes a call's output as it is written; the bytes are valid only during this callback. A promise asks a
 * guest that can wait to do so.
 */
export type TakeOutput = (bytes: Uint8Array, stream: OutputStream) => void | Promise<void>;

/**
 * Counts one call's output and passes it on.
 *
 * @throws {GhostError} `OUTPUT_LIMIT` from `write` once more than `limit` bytes were written.
 */
export class LimitedOutput {
  #left: number;

  /** Lets `limit` bytes through to `take`. */
  constructor(readonly limit: number, readonly take: TakeOutput) {
    this.#left = limit;
  }

  /** Passes `bytes` on. */
  write(bytes: Uint8Array, stream: OutputStream): void | Promise<void> {
    this.#left -= bytes.length;
    if (this.#left < 0) {
      throw new GhostError(
        "OUTPUT_LIMIT",
        `The call wrote more output than its limit of ${this.limit} bytes`,
      );
    }
    return this.take(bytes, stream);
  }
}
