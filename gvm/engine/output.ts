import { GhostError } from "../../gmp/errors.ts";

/** The two streams a guest writes to. */
export type OutputStream = "stdout" | "stderr";

/** Takes what a call writes, as it is written and valid during the call only; a promise asks a guest that can wait to do so. */
export type TakeOutput = (bytes: Uint8Array, stream: OutputStream) => void | Promise<void>;

/**
 * Counts what one call writes and hands it on.
 *
 * @throws {GhostError} `OUTPUT_LIMIT` from `write` once more than `limit` bytes were written.
 */
export class LimitedOutput {
  #left: number;

  /** Lets `limit` bytes through to `take`. */
  constructor(readonly limit: number, readonly take: TakeOutput) {
    this.#left = limit;
  }

  /** Hands `bytes` on. */
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
