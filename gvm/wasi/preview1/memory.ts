import { ERRNO, fail } from "../host/errno.ts";
import { MAX_PATH } from "../files/resolver.ts";

/** Most buffers that one call may read into or write from: `IOV_MAX` on Unix systems. */
export const MAX_BUFFERS = 1024;

/** A part of the guest's memory, known to be within it. */
interface Range {
  /** Its first byte. */
  readonly pointer: number;
  /** How many bytes it has. */
  readonly length: number;
}

/**
 * Parts of the guest's memory, read or filled in sequence (`typenames.witx`, `iovec_array`, `ciovec_array`).
 */
export interface Buffers {
  /** The parts, in order; they may overlap. */
  readonly ranges: readonly Range[];
  /** Bytes of all parts together. */
  readonly length: number;
}

// A byte order mark at the start of a name is part of the name.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes of an element of `iovec_array` and `ciovec_array`: a pointer and a length. */
const BUFFER_BYTES = 8;

/**
 * A guest's linear memory. Nothing in it is trusted: every pointer and length is checked here, and anything
 * outside the memory fails with `FAULT` before anything is read or written. Pointers and lengths are unsigned
 * 32-bit numbers.
 */
export class GuestMemory {
  #memory: WebAssembly.Memory | undefined;
  #buffer: ArrayBufferLike = new ArrayBuffer(0);
  #bytes = new Uint8Array(this.#buffer);
  #view = new DataView(this.#buffer);

  /** Uses `memory` from now on. */
  bind(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  /** Fails with `FAULT` unless `length` bytes at `pointer` are within the memory. */
  check(pointer: number, length: number): void {
    // The guest may have grown its memory since, which replaces the buffer.
    const buffer = this.#memory?.buffer ?? this.#buffer;
    if (buffer !== this.#buffer) {
      this.#buffer = buffer;
      this.#bytes = new Uint8Array(buffer);
      this.#view = new DataView(buffer);
    }
    // Negated so that a missing argument, which is not a number, fails too.
    if (!(pointer + length <= this.#bytes.length)) fail(ERRNO.FAULT);
  }

  /** The bytes themselves, valid until the guest runs again. */
  bytes(pointer: number, length: number): Uint8Array {
    this.check(pointer, length);
    return this.#bytes.subarray(pointer, pointer + length);
  }

  /** The bytes themselves, all set to zero, to write a structure into. Valid until the guest runs again. */
  structure(pointer: number, length: number): DataView {
    this.bytes(pointer, length).fill(0);
    return new DataView(this.#buffer, pointer, length);
  }

  /** Reads the structure of `length` bytes at `pointer`. Valid until the guest runs again. */
  view(pointer: number, length: number): DataView {
    this.check(pointer, length);
    return new DataView(this.#buffer, pointer, length);
  }

  /** Writes a `u32` or a `size`. */
  setUint32(pointer: number, value: number): void {
    this.check(pointer, 4);
    this.#view.setUint32(pointer, value, true);
  }

  /** Writes a `u64`. */
  setUint64(pointer: number, value: bigint): void {
    this.check(pointer, 8);
    this.#view.setBigUint64(pointer, value, true);
  }

  /**
   * Reads a path. Fails with `ILSEQ` when it is not UTF-8, and with `NAMETOOLONG` before it is read: hundreds of megabytes would
   * take seconds.
   */
  path(pointer: number, length: number): string {
    this.check(pointer, length);
    if (length > MAX_PATH) fail(ERRNO.NAMETOOLONG);
    try {
      // Copied, since a decoder refuses shared memory.
      return decoder.decode(this.#bytes.slice(pointer, pointer + length));
    } catch {
      return fail(ERRNO.ILSEQ);
    }
  }

  /** Reads an `iovec_array` or `ciovec_array` of `count` parts, all of them checked. */
  buffers(pointer: number, count: number): Buffers {
    if (count > MAX_BUFFERS) fail(ERRNO.INVAL);
    this.check(pointer, count * BUFFER_BYTES);
    const ranges: Range[] = [];
    let total = 0;
    for (let at = pointer; at < pointer + count * BUFFER_BYTES; at += BUFFER_BYTES) {
      const range = { pointer: this.#view.getUint32(at, true), length: this.#view.getUint32(at + 4, true) };
      this.check(range.pointer, range.length);
      ranges.push(range);
      total += range.length;
    }
    return { ranges, length: total };
  }

  /**
   * The bytes of `buffers` in pieces of up to `limit`, each valid until the guest runs again or the next one
   * is asked for. Only a piece that spans several buffers is copied.
   */
  *pieces(buffers: Buffers, limit: number): Generator<Uint8Array, void, void> {
    let gathered = new Uint8Array(0);
    let filled = 0;
    for (const { pointer, length } of buffers.ranges) {
      for (let start = 0; start < length;) {
        const part = Math.min(length - start, limit - filled);
        const isWhole = filled === 0 && (part === limit || buffers.ranges.length === 1);
        if (isWhole) yield this.bytes(pointer + start, part);
        else {
          if (gathered.length === 0) gathered = new Uint8Array(Math.min(buffers.length, limit));
          gathered.set(this.bytes(pointer + start, part), filled);
          filled += part;
        }
        start += part;
        if (filled < limit) continue;
        yield gathered;
        filled = 0;
      }
    }
    if (filled > 0) yield gathered.subarray(0, filled);
  }

  /**
   * Fills `buffers` with repeated calls of `read` until it returns 0, and returns the total number of bytes;
   * each call receives the total so far.
   */
  fill(buffers: Buffers, read: (into: Uint8Array, total: number) => number): number {
    let total = 0;
    for (const { pointer, length } of buffers.ranges) {
      for (let filled = 0; filled < length;) {
        const count = read(this.bytes(pointer + filled, length - filled), total);
        if (count === 0) return total;
        filled += count;
        total += count;
      }
    }
    return total;
  }
}
