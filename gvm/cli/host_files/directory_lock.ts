import { untilAborted } from "../../../gmp/async/until_aborted.ts";
import { printable } from "../../../gmp/command/printable.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { complain } from "../../../gmp/command/console.ts";

/** Milliseconds after which a wait is told. */
const PATIENCE = 500;

/** A lock on a directory, which the system takes back when the process dies, however it dies. */
export class DirectoryLock implements Disposable {
  readonly #handles: Deno.FsFile[] = [];

  private constructor() {}

  /**
   * Waits until no other `gvm` reads (`exclusive`) or writes in `directories`, which may name one twice; says so on standard error
   * when it takes long. Where a directory cannot be locked, as on Windows and some network file systems, nothing is.
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
    // In one order for all, so that two cannot wait for each other.
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
    complain(`gvm: waiting for another gvm that has ${printable(`"${directory}"`)}`);
  }, PATIENCE);
  try {
    await untilAborted(handle.lock(exclusive), signal);
  } finally {
    clearTimeout(telling);
  }
}
