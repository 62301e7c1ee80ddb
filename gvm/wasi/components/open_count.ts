import type { FileSystem } from "../files/file_system.ts";
import type { Inode } from "../files/inode.ts";
import { ERRNO, fail } from "../host/errno.ts";

/** Most descriptors, streams of files and listings of directories open at once in one guest. */
export const MAX_OPEN = 4096;

/** Counts what one guest has open, and keeps its inodes until they are closed. */
export class OpenCount {
  #count = 0;

  /** Fails with `MFILE` if no more can be opened. */
  checkFree(): void {
    if (this.#count >= MAX_OPEN) fail(ERRNO.MFILE);
  }

  /**
   * Opens `inode`; returns what closes it, once however often it is called. Fails as {@linkcode checkFree} does.
   */
  open(fileSystem: FileSystem, inode: Inode): () => void {
    this.checkFree();
    this.#count++;
    inode.opens++;
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#count--;
      inode.opens--;
      fileSystem.release(inode);
    };
  }
}
