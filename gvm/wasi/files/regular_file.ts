import { ERRNO, fail } from "../host/errno.ts";
import { InodeBase } from "./inode.ts";
import type { Quota } from "./quota.ts";

/** Smallest buffer of a non-empty file, in bytes. */
const SMALLEST_BUFFER = 64;

const EMPTY = new Uint8Array(0);

/** A file of bytes in memory. */
export class RegularFile extends InodeBase {
  /** The kind of inode. */
  readonly type = "file";
  readonly #quota: Quota;
  /** At most twice as long as the file, so that the quota bounds what a guest holds; zero past the end. */
  #buffer: Uint8Array = EMPTY;
  #size = 0;

  /** An empty file, whose size counts against `quota`. */
  constructor(number: bigint, quota: Quota) {
    super(number);
    this.#quota = quota;
  }

  /** Its size in bytes. */
  override get size(): number {
    return this.#size;
  }

  /** Its contents, valid until they change. */
  get contents(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }

  /** Reads from `offset` into `target` and returns the number of bytes read. */
  read(offset: number, target: Uint8Array): number {
    const bytes = this.#buffer.subarray(
      Math.min(offset, this.#size),
      Math.min(offset + target.length, this.#size),
    );
    target.set(bytes);
    return bytes.length;
  }

  /** Writes all of `source` at `offset`; a gap before it is zero. Fails with `NOSPC`, changing nothing. */
  write(offset: number, source: Uint8Array): void {
    this.extend(offset + source.length);
    this.#buffer.set(source, offset);
    this.modified();
  }

  /**
   * Makes the file at least `size` bytes long, padded with zeros. Fails with `NOSPC`, changing nothing.
   */
  extend(size: number): void {
    if (size > this.#size) this.resize(size);
  }

  /** Truncates the file, or pads it with zeros. Fails with `NOSPC`, changing nothing. */
  resize(size: number): void {
    if (size > this.#size) this.#grow(size);
    else this.#shrink(size);
    this.modified();
  }

  /** Returns its bytes to the quota. */
  override dispose(): void {
    this.#shrink(0);
  }

  #grow(size: number): void {
    const added = size - this.#size;
    this.#quota.takeBytes(added);
    if (size > this.#buffer.length) {
      try {
        const buffer = new Uint8Array(Math.max(size, SMALLEST_BUFFER, this.#size * 2));
        buffer.set(this.contents);
        this.#buffer = buffer;
      } catch {
        // The machine has less memory than the quota allows.
        this.#quota.takeBytes(-added);
        fail(ERRNO.NOSPC);
      }
    }
    this.#size = size;
  }

  #shrink(size: number): void {
    this.#quota.takeBytes(size - this.#size);
    if (size === 0) this.#buffer = EMPTY;
    else if (size * 2 < this.#buffer.length) this.#buffer = this.#buffer.slice(0, size);
    else this.#buffer.fill(0, size, this.#size);
    this.#size = size;
  }
}
