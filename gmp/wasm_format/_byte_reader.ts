import { GhostError } from "../errors.ts";

// A byte order mark is part of a name, so the decoder must not swallow it.
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws the error of all code that reads modules: what is wrong, and at which byte of the file. */
export function failAt(offset: number, what: string): never {
  throw new GhostError("NOT_A_MODULE", `Cannot read the module: ${what}, at byte ${offset}`, {
    details: { offset },
  });
}

/**
 * A cursor over one part of a module's bytes, which it does not copy and never leaves (core specification, "Binary
 * Format", parts "Values" and "Conventions"). Every method throws `NOT_A_MODULE` if the bytes are not what it reads.
 */
export class ByteReader {
  /** The next byte. */
  offset: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #part: string;

  /** Reads `bytes` from `start` to before `end`; errors call this part `part`, such as `"type section"`. */
  constructor(bytes: Uint8Array, part: string, start: number, end: number) {
    this.#bytes = bytes;
    this.#part = part;
    this.#end = end;
    this.offset = start;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#end - this.offset;
  }

  /** Throws the error for `what` in this part. */
  fail(what: string, at: number = this.offset): never {
    failAt(at, `in the ${this.#part} ${what}`);
  }

  /** The next byte, without moving on. */
  peek(): number {
    if (this.offset >= this.#end) this.fail("the bytes end early");
    return this.#bytes[this.offset]!;
  }

  /** The next byte. */
  byte(): number {
    const value = this.peek();
    this.offset += 1;
    return value;
  }

  /** Skips `length` bytes. */
  skip(length: number): void {
    if (length > this.left) this.fail(`${length} bytes are announced and ${this.left} are left`);
    this.offset += length;
  }

  /** An unsigned LEB128 integer of up to 32 bits. */
  u32(): number {
    return this.#unsigned(32);
  }

  /** An unsigned LEB128 integer of up to 64 bits; values above 2^53-1 become 2^53-1. */
  u64(): number {
    return Math.min(this.#unsigned(64), Number.MAX_SAFE_INTEGER);
  }

  #unsigned(bits: number): number {
    const start = this.offset;
    let value = 0;
    let scale = 1;
    for (let left = bits; left > 0; left -= 7) {
      const byte = this.byte();
      const digit = byte & 0x7f;
      if (left < 7 && digit >> left !== 0) this.fail(`an integer is above ${bits} bits`, start);
      value += digit * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    this.fail(`an integer is longer than ${bits} bits allow`, start);
  }

  /** A signed LEB128 integer of up to 33 bits, the form of heap types. */
  s33(): number {
    const start = this.offset;
    let value = 0;
    for (let scale = 1; scale < 2 ** 35; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return byte & 0x40 ? value - scale * 128 : value;
    }
    this.fail("an integer is longer than 33 bits allow", start);
  }

  /** Skips a LEB128 integer of up to `length` bytes. */
  skipInteger(length: number): void {
    const start = this.offset;
    for (let i = 0; i < length; i++) if (this.byte() < 0x80) return;
    this.fail(`an integer is longer than ${length} bytes`, start);
  }

  /** How many `what` follow: at most `limit`, and at most as many as there are bytes left. */
  count(what: string, limit: number): number {
    const start = this.offset;
    const count = this.u32();
    if (count > limit) this.fail(`there are ${count} ${what}, above the limit of ${limit}`, start);
    if (count > this.left) this.fail(`${count} ${what} are announced and ${this.left} bytes are left`, start);
    return count;
  }

  /** A name: its length and as many bytes of UTF-8, at most `limit`; `tooLong` is the error for more. */
  name(limit: number, tooLong: string): string {
    const length = this.u32();
    const start = this.offset;
    if (length > limit && length <= this.left) this.fail(tooLong, start);
    this.skip(length);
    try {
      return UTF8.decode(this.#bytes.subarray(start, this.offset));
    } catch {
      this.fail("a name is not UTF-8", start);
    }
  }
}
