import { ERRNO, fail } from "../errno.ts";
import { DEFAULT_FILE_SYSTEM_LIMITS, type FileSystemLimits } from "../limits.ts";

/** What is left of the limits of one file system, or of several that share it. */
export class Quota {
  #bytes: number;
  #inodes: number;

  /** Everything that `limits` allow, with the defaults for what is left out. */
  constructor(limits: Partial<FileSystemLimits> = {}) {
    this.#bytes = limits.bytes ?? DEFAULT_FILE_SYSTEM_LIMITS.bytes;
    this.#inodes = limits.inodes ?? DEFAULT_FILE_SYSTEM_LIMITS.inodes;
  }

  /** Bytes that are left. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Directory entries that are left. */
  get inodes(): number {
    return this.#inodes;
  }

  /** Takes `bytes`, or gives them back when negative. Fails with `NOSPC` when fewer are left. */
  takeBytes(bytes: number): void {
    if (bytes > this.#bytes) fail(ERRNO.NOSPC);
    this.#bytes -= bytes;
  }

  /** Takes a directory entry; there must be one left. */
  takeInode(): void {
    this.#inodes--;
  }

  /** Gives a directory entry back. */
  giveInode(): void {
    this.#inodes++;
  }
}
