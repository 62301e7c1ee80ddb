import { GhostError } from "../../gmp/errors.ts";
import { statIfThere, tryRemove, writeAll } from "../../gmp/device/durable.ts";
import { storeFault } from "./_fault.ts";
import { PID_FILE } from "./pid_file.ts";

/** A process id has at most 10 digits. */
const MAX_PID_LENGTH = 16;

/**
 * The right to change the store at a home, which one process at a time has: a lock on `gpmd.pid`, whose text is the
 * holder's process id. The system releases it when the process dies, however it dies.
 */
export class HomeLock {
  readonly #home: string;
  readonly #file: Deno.FsFile;

  private constructor(home: string, file: Deno.FsFile) {
    this.#home = home;
    this.#file = file;
  }

  /**
   * Takes the lock of `home`.
   *
   * @throws {GhostError} `GPMD_ALREADY_RUNNING` when another process has it, with its id, if known, as `details.pid`;
   * `STORE_FAULT` when `gpmd.pid` is a symbolic link or the disk fails.
   */
  static async take(home: string): Promise<HomeLock> {
    try {
      return await HomeLock.#take(home);
    } catch (error) {
      throw storeFault(`lock the store "${home}"`, error);
    }
  }

  static async #take(home: string): Promise<HomeLock> {
    const path = pathIn(home);
    while (true) {
      if ((await statIfThere(path))?.isSymlink) {
        throw new GhostError("STORE_FAULT", `Cannot use "${path}": it is a symbolic link`);
      }
      const file = await Deno.open(path, { create: true, read: true, write: true, mode: 0o600 });
      try {
        if (!await file.tryLock(true)) throw await alreadyRunning(home, file);
        // The last holder may have removed the file after it was opened and before it was locked: then open it again.
        if (await isAt(path, file)) {
          await file.truncate();
          await writeAll(file, new TextEncoder().encode(`${Deno.pid}\n`));
          return new HomeLock(home, file);
        }
      } catch (error) {
        file.close();
        throw error;
      }
      file.close();
    }
  }

  /**
   * Call this before each change of what another process would not see: somebody may have removed `gpmd.pid`, or moved
   * the store, and then another process may have the store by now.
   *
   * @throws {GhostError} `STORE_FAULT` when the lock is lost.
   */
  async expectHeld(): Promise<void> {
    if (await isAt(pathIn(this.#home), this.#file)) return;
    throw new GhostError(
      "STORE_FAULT",
      `Cannot change the store "${this.#home}": its ${PID_FILE} was removed or replaced, so another GPMD may have ` +
        `it by now; start this one anew with: gpmd restart`,
    );
  }

  /** Releases the lock. */
  async release(): Promise<void> {
    const path = pathIn(this.#home);
    // Another process may have the store by now: see `expectHeld`.
    if (await isAt(path, this.#file).catch(() => false)) await tryRemove(path);
    this.#file.close();
  }
}

function pathIn(home: string): string {
  return `${home}/${PID_FILE}`;
}

/** Whether `file` is the one at `path`. */
async function isAt(path: string, file: Deno.FsFile): Promise<boolean> {
  return (await file.stat()).ino === (await statIfThere(path))?.ino;
}

async function alreadyRunning(home: string, file: Deno.FsFile): Promise<GhostError> {
  const bytes = new Uint8Array(MAX_PID_LENGTH);
  const pid = Number.parseInt(new TextDecoder().decode(bytes.subarray(0, await file.read(bytes) ?? 0)));
  return Number.isNaN(pid)
    ? new GhostError("GPMD_ALREADY_RUNNING", `Cannot use the store "${home}": GPMD is already running on it`)
    : new GhostError(
      "GPMD_ALREADY_RUNNING",
      `Cannot use the store "${home}": GPMD is already running on it with pid ${pid}`,
      { details: { pid } },
    );
}
