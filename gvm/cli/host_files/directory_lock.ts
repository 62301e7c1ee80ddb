/** A lock on a directory, which the system takes back when the process dies, however it dies. */
export class DirectoryLock implements Disposable {
  readonly #handles: Deno.FsFile[] = [];

  private constructor() {}

  /**
   * Waits until no other `gvm` reads (`exclusive`) or writes in `directories`, which may name one twice. Where a directory
   * cannot be locked, as on Windows and some network file systems, nothing is.
   */
  static async take(directories: Iterable<string>, exclusive: boolean): Promise<DirectoryLock> {
    const lock = new DirectoryLock();
    if (Deno.build.os === "windows") return lock;
    // In one order for all, so that two cannot wait for each other.
    for (const directory of [...new Set(directories)].sort()) {
      let handle: Deno.FsFile | undefined;
      try {
        handle = Deno.openSync(directory);
        await handle.lock(exclusive);
        lock.#handles.push(handle);
      } catch {
        handle?.close();
      }
    }
    return lock;
  }

  [Symbol.dispose](): void {
    for (const handle of this.#handles) handle.close();
  }
}
