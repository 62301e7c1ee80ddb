import type { OutputStream } from "../engine/output.ts";

/** Pieces of output that may wait, whatever their size: each takes some 200 bytes by itself. */
const PIECE_LIMIT = 1 << 18;

/** A piece of what a run wrote. */
export interface OutputChunk {
  /** Where it was written to. */
  readonly stream: OutputStream;
  /** What was written. */
  readonly bytes: Uint8Array;
}

/** What a run wrote and nobody has taken yet, up to a limit of the process that holds it. */
export class HeldOutput {
  #chunks: OutputChunk[] = [];
  /** Bytes and pieces that wait, those included that are just being taken. */
  #bytes = 0;
  #pieces = 0;

  /** Holds up to `limit` bytes. */
  constructor(readonly limit: number) {}

  /** True while anything waits. */
  get waits(): boolean {
    return this.#chunks.length > 0;
  }

  /** Holds `chunk`: false when it is beyond the limit, and then it is not held. */
  push(chunk: OutputChunk): boolean {
    if (this.#bytes + chunk.bytes.length > this.limit || this.#pieces >= PIECE_LIMIT) return false;
    this.#bytes += chunk.bytes.length;
    this.#pieces++;
    this.#chunks.push(chunk);
    return true;
  }

  /** All that waits, in order. */
  *take(): Generator<OutputChunk, void, void> {
    const chunks = this.#chunks;
    this.#chunks = [];
    for (const chunk of chunks) {
      this.#bytes -= chunk.bytes.length;
      this.#pieces--;
      yield chunk;
    }
  }
}
