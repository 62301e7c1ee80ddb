import { ERRNO, fail } from "../host/errno.ts";

/** How much memory a guest's files may take. */
interface FileSystemLimits {
  /**
   * Bytes of all file contents and symbolic link targets. Buffers grow geometrically, so up to twice as much
   * is held.
   */
  readonly bytes: number;
  /** Files, directories, symbolic links and further hard links, each an entry of some directory. */
  readonly inodes: number;
}

/** The default limits of a file system. */
export const DEFAULT_FILE_SYSTEM_LIMITS: FileSystemLimits = {
  bytes: 1 << 28, // 256 MiB: the largest interpreters bring 100 MiB of library
  inodes: 1 << 16, // some 20 MB of bookkeeping at most
};

/** The remaining quota of one file system, or of several that share it. */
export class Quota {
  readonly #limits: FileSystemLimits;
  #bytes: number;
  #inodes: number;
  #parent: Quota | undefined;

  /** A quota of `limits`, with defaults for what is left out; `parent` must have room too. */
  constructor(limits: Partial<FileSystemLimits> = {}, parent?: Quota) {
    this.#limits = { ...DEFAULT_FILE_SYSTEM_LIMITS, ...limits };
    this.#bytes = this.#limits.bytes;
    this.#inodes = this.#limits.inodes;
    this.#parent = parent;
  }

  /** The initial number of bytes. */
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

  /** Takes `bytes`, or returns them if negative. Fails with `NOSPC` when fewer are left. */
  takeBytes(bytes: number): void {
    if (bytes > this.bytes) fail(ERRNO.NOSPC);
    this.#bytes -= bytes;
    this.#parent?.takeBytes(bytes);
  }

  /** Returns everything taken to the parent; the file systems that use this quota are out of use. */
  end(): void {
    const parent = this.#parent;
    this.#parent = undefined;
    parent?.takeBytes(this.#bytes - this.#limits.bytes);
    for (let count = this.#limits.inodes - this.#inodes; count > 0; count--) parent?.giveInode();
  }

  /** Takes a directory entry; one must be left. */
  takeInode(): void {
    this.#inodes--;
    this.#parent?.takeInode();
  }

  /** Returns a directory entry. */
  giveInode(): void {
    this.#inodes++;
    this.#parent?.giveInode();
  }
}
