import type { OutputStream } from "../engine/output.ts";

/** Most pieces of output that may wait, whatever their size: each costs some 200 bytes of its own. */
const PIECE_LIMIT = 1 << 18;

/** A piece of a run's output. */
export interface OutputChunk {
  /** Where it was written to. */
  readonly stream: OutputStream;
  /** What was written. */
  readonly bytes: Uint8Array;
}

/** A run's output that nobody has taken yet, up to a limit of the process that holds it. */
export class HeldOutput {
  #chunks: OutputChunk[] = [];
  /** How many chunks at the beginning were taken. */
  #taken = 0;
  /** Bytes that wait. */
  #bytes = 0;

  /** Holds up to `limit` bytes. */
  constructor(readonly limit: number) {}

  /** True while anything waits. */
  get waits(): boolean {
    return this.#taken < this.#chunks.length;
  }

  /** Holds `chunk`, or returns false if that would exceed the limit. */
  push(chunk: OutputChunk): boolean {
    if (this.#bytes + chunk.bytes.length > this.limit || this.#chunks.length - this.#taken >= PIECE_LIMIT) {
      return false;
    }
    this.#bytes += chunk.bytes.length;
    this.#chunks.push(chunk);
    return true;
  }

  /** Everything that waits, in order. What the consumer leaves stays for the next one. */
  *take(): Generator<OutputChunk, void, void> {
    while (this.waits) yield this.#next();
  }

  #next(): OutputChunk {
    const chunk = this.#chunks[this.#taken++]!;
    this.#bytes -= chunk.bytes.length;
    // Taken chunks are dropped once they are half of all, which moves no chunk more than once.
    if (this.#taken * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#taken);
      this.#taken = 0;
    }
    return chunk;
  }
}
