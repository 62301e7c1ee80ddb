import { ERRNO, fail } from "../host/errno.ts";

/** What the files of a guest may take of the memory they are in. */
interface FileSystemLimits {
  /** Contents of files and targets of symbolic links together, in bytes. Buffers grow geometrically, so up to twice that is held. */
  readonly bytes: number;
  /** Files, directories, symbolic links and further hard links, each an entry of some directory. */
  readonly inodes: number;
}

/** The limits of a file system whose maker chose none. */
export const DEFAULT_FILE_SYSTEM_LIMITS: FileSystemLimits = {
  bytes: 1 << 28, // 256 MiB: the largest interpreters bring 100 MiB of library
  inodes: 1 << 16, // some 20 MB of bookkeeping at most
};

/** What is left of the limits of one file system, or of several that share it. */
export class Quota {
  readonly #limits: FileSystemLimits;
  #bytes: number;
  #inodes: number;
  #parent: Quota | undefined;

  /** Everything that `limits` allow, with the defaults for what is left out; `parent` has to have room as well. */
  constructor(limits: Partial<FileSystemLimits> = {}, parent?: Quota) {
    this.#limits = { ...DEFAULT_FILE_SYSTEM_LIMITS, ...limits };
    this.#bytes = this.#limits.bytes;
    this.#inodes = this.#limits.inodes;
    this.#parent = parent;
  }

  /** Bytes that there were at first. */
  get limit(): number {
    return this.#limits.bytes;
  }

  /** Bytes that are left. */
  get bytes(): number {
    return Math.min(this.#bytes, this.#parent?.bytes ?? Infinity);
  }

  /** Directory entries that are left. */
  get inodes(): number {
    return Math.min(this.#inodes, this.#parent?.inodes ?? Infinity);
  }

  /** Takes `bytes`, or gives them back when negative. Fails with `NOSPC` when fewer are left. */
  takeBytes(bytes: number): void {
    if (bytes > this.bytes) fail(ERRNO.NOSPC);
    this.#bytes -= bytes;
    this.#parent?.takeBytes(bytes);
  }

  /** Gives back to the parent all that was taken; what is taken from now on is of no file system that anybody sees. */
  end(): void {
    const parent = this.#parent;
    this.#parent = undefined;
    parent?.takeBytes(this.#bytes - this.#limits.bytes);
    for (let count = this.#limits.inodes - this.#inodes; count > 0; count--) parent?.giveInode();
  }

  /** Takes a directory entry; there must be one left. */
  takeInode(): void {
    this.#inodes--;
    this.#parent?.takeInode();
  }

  /** Gives a directory entry back. */
  giveInode(): void {
    this.#inodes++;
    this.#parent?.giveInode();
  }
}
