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
  /** Chunks that were taken, at the beginning of those. */
  #taken = 0;
  /** Bytes that wait. */
  #bytes = 0;

  /** Holds up to `limit` bytes. */
  constructor(readonly limit: number) {}

  /** True while anything waits. */
  get waits(): boolean {
    return this.#taken < this.#chunks.length;
  }

  /** Holds `chunk`: false when it is beyond the limit, and then it is not held. */
  push(chunk: OutputChunk): boolean {
    if (this.#bytes + chunk.bytes.length > this.limit || this.#chunks.length - this.#taken >= PIECE_LIMIT) {
      return false;
    }
    this.#bytes += chunk.bytes.length;
    this.#chunks.push(chunk);
    return true;
  }

  /** All that waits, in order. What nobody has asked for stays, for the next who does. */
  *take(): Generator<OutputChunk, void, void> {
    while (this.waits) yield this.#next();
  }

  #next(): OutputChunk {
    const chunk = this.#chunks[this.#taken++]!;
    this.#bytes -= chunk.bytes.length;
    // What was taken goes once it is half of all: no chunk is moved more than once, and none is kept that nobody needs.
    if (this.#taken * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#taken);
      this.#taken = 0;
    }
    return chunk;
  }
}
