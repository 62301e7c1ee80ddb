import { untilAborted } from "../../../gmp/async/until_aborted.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { note } from "../../../gmp/command/console.ts";

/** Milliseconds after which a wait is reported. */
const PATIENCE = 500;

/** A lock on directories, which the system releases when the process dies, however it dies. */
export class DirectoryLock implements Disposable {
  readonly #handles: Deno.FsFile[] = [];

  private constructor() {}

  /**
   * Waits until no other `gvm` writes, or with `exclusive` reads, in `directories`, which may name one twice;
   * reports a long wait on standard error. A directory that cannot be locked, as on Windows and some network
   * file systems, is not.
   *
   * @throws {GhostError} `CANCELLED` when `signal` aborts the wait.
   */
  static async take(
    directories: Iterable<string>,
    exclusive: boolean,
    signal?: AbortSignal,
  ): Promise<DirectoryLock> {
    const lock = new DirectoryLock();
    if (Deno.build.os === "windows") return lock;
    // Always in the same order, so that two processes cannot wait for each other.
    for (const directory of [...new Set(directories)].sort()) {
      let handle: Deno.FsFile | undefined;
      try {
        handle = Deno.openSync(directory);
        if (!handle.tryLockSync(exclusive)) await waitFor(handle, directory, exclusive, signal);
        lock.#handles.push(handle);
      } catch (error) {
        handle?.close();
        if (!(error instanceof GhostError)) continue;
        lock[Symbol.dispose]();
        throw error;
      }
    }
    return lock;
  }

  [Symbol.dispose](): void {
    for (const handle of this.#handles) handle.close();
  }
}

async function waitFor(
  handle: Deno.FsFile,
  directory: string,
  exclusive: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const telling = setTimeout(() => {
    note(`gvm: waiting for another gvm that has "${directory}"`);
  }, PATIENCE);
  try {
    await untilAborted(handle.lock(exclusive), signal);
  } finally {
    clearTimeout(telling);
  }
}
