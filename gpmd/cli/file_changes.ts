import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";

/** Milliseconds without an event after which a file counts as written: editors and compilers write in steps. */
const QUIET = 100;

/** The changes of one file, whether it is written in place, replaced, or removed and created again. */
export class FileChanges implements Disposable {
  readonly #watcher: Deno.FsWatcher;
  readonly #name: string;

  /**
   * Watches the file at `path`, which need not be there; its directory must.
   *
   * @throws {Deno.errors.NotFound} without that directory.
   */
  constructor(path: string) {
    this.#name = basename(path);
    // A watch on the file itself would end with its first replacement.
    this.#watcher = Deno.watchFs(dirname(path), { recursive: false });
  }

  /** Yields once after each burst of events, until {@linkcode FileChanges.close}. */
  async *[Symbol.asyncIterator](): AsyncGenerator<undefined, void, void> {
    const events = this.#events();
    let next = events.next();
    while (!(await next).done) {
      do next = events.next(); while (await comesWithin(QUIET, next));
      yield;
    }
  }

  /** Ends the watch. */
  close(): void {
    try {
      this.#watcher.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error; // closed before
    }
  }

  /** See {@linkcode FileChanges.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  async *#events(): AsyncGenerator<undefined, void, void> {
    for await (const { kind, paths, flag } of this.#watcher) {
      const missed = flag === "rescan"; // the system lost events
      if (missed || (kind !== "access" && paths.some((path) => basename(path) === this.#name))) yield;
    }
  }
}

/** Whether another event comes within `time` milliseconds. */
async function comesWithin(time: number, next: Promise<IteratorResult<undefined>>): Promise<boolean> {
  const quiet = Promise.withResolvers<false>();
  const timer = setTimeout(() => quiet.resolve(false), time);
  try {
    return await Promise.race([next.then(({ done }) => done !== true), quiet.promise]);
  } finally {
    clearTimeout(timer);
  }
}
