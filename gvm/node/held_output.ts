import type { OutputStream } from "../wasm/output.ts";

/** Bytes that a piece of output takes beside its buffer. */
const CHUNK_COST = 64;
/** Bytes of a buffer that small pieces share: what a program writes byte by byte must not be held byte by byte. */
const SMALLEST_BUFFER = 64;
const LARGEST_BUFFER = 1 << 12;

/** A piece of what a run wrote. */
export interface OutputChunk {
  /** Where it was written to. */
  readonly stream: OutputStream;
  /** What was written. */
  readonly bytes: Uint8Array;
}

/** A piece that waits, at the start of a buffer with room for more. */
interface Held {
  readonly stream: OutputStream;
  buffer: Uint8Array;
  length: number;
}

/** What a run wrote and nobody has taken yet, up to a limit of the process that holds it. */
export class HeldOutput {
  #held: Held[] = [];
  #size = 0;

  /** Holds up to `limit` bytes, what it needs for small pieces counted. */
  constructor(readonly limit: number) {}

  /** True while anything waits. */
  get waits(): boolean {
    return this.#held.length > 0;
  }

  /** Holds `bytes`, which are its own from now on: false when they are beyond the limit, and then they are not held. */
  push(bytes: Uint8Array, stream: OutputStream): boolean {
    const last = this.#held.at(-1);
    const isSmall = last?.stream === stream && last.length + bytes.length <= LARGEST_BUFFER;
    return isSmall ? this.#append(last, bytes) : this.#add({ stream, buffer: bytes, length: bytes.length });
  }

  /** All that waits, in order. */
  *take(): Generator<OutputChunk, void, void> {
    const held = this.#held;
    this.#held = [];
    for (const { stream, buffer, length } of held) {
      this.#size -= CHUNK_COST + buffer.length;
      yield { stream, bytes: buffer.subarray(0, length) };
    }
  }

  #add(held: Held): boolean {
    if (!this.#charge(CHUNK_COST + held.buffer.length)) return false;
    this.#held.push(held);
    return true;
  }

  #append(last: Held, bytes: Uint8Array): boolean {
    const length = last.length + bytes.length;
    if (length > last.buffer.length) {
      const buffer = new Uint8Array(Math.max(SMALLEST_BUFFER, Math.min(length * 2, LARGEST_BUFFER)));
      if (!this.#charge(buffer.length - last.buffer.length)) return false;
      buffer.set(last.buffer.subarray(0, last.length));
      last.buffer = buffer;
    }
    last.buffer.set(bytes, last.length);
    last.length = length;
    return true;
  }

  #charge(bytes: number): boolean {
    if (this.#size + bytes > this.limit) return false;
    this.#size += bytes;
    return true;
  }
}
