import type { FileSystem } from "../files/file_system.ts";
import type { Inode } from "../files/inode.ts";
import { ERRNO, fail } from "../host/errno.ts";

/** Most descriptors, streams of files and listings of directories open at once in one guest. */
export const MAX_OPEN = 4096;

/** Counts what one guest has open, and keeps its inodes until they are closed. */
export class OpenCount {
  /** What closes each. */
  readonly #open = new Set<() => void>();

  /** Fails with `MFILE` if no more can be opened. */
  checkFree(): void {
    if (this.#open.size >= MAX_OPEN) fail(ERRNO.MFILE);
  }

  /**
   * Opens `inode`; returns what closes it, once however often it is called. Fails as {@linkcode checkFree} does.
   */
  open(fileSystem: FileSystem, inode: Inode): () => void {
    this.checkFree();
    inode.opens++;
    const close = () => {
      if (!this.#open.delete(close)) return;
      inode.opens--;
      fileSystem.release(inode);
    };
    this.#open.add(close);
    return close;
  }

  /** Closes all that is open. */
  closeAll(): void {
    for (const close of this.#open) close();
  }
}
