import { basename } from "@std/path/basename";
import { dirname } from "@std/path/dirname";
import { resolve } from "@std/path/resolve";

/** Milliseconds without an event after which a file counts as written: editors and compilers write in steps. */
const QUIET = 100;

/** The directory that is watched: the file's or, while that is gone, the nearest above that is there. */
interface Place {
  readonly path: string;
  /** Tells it from another of that name. */
  readonly identity: string;
}

/**
 * The changes of one file, whether it is written in place, replaced, or removed and created again, alone or with its
 * directory, as whatever begins a build from nothing does.
 */
export class FileChanges implements Disposable {
  readonly #path: string;
  readonly #directory: string;
  #place: Place;
  #watcher: Deno.FsWatcher;
  #isClosed = false;

  /**
   * Watches the file at `path`, which need not be there; its directory must.
   *
   * @throws {Deno.errors.NotFound} without that directory.
   */
  constructor(path: string) {
    this.#path = resolve(path);
    this.#directory = dirname(this.#path);
    Deno.statSync(this.#directory);
    [this.#place, this.#watcher] = this.#watch();
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
    this.#isClosed = true;
    closeWatcher(this.#watcher);
  }

  /** See {@linkcode FileChanges.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  async *#events(): AsyncGenerator<undefined, void, void> {
    const name = basename(this.#path);
    while (!this.#isClosed) {
      for await (const { kind, paths, flag } of this.#watcher) {
        if (kind === "access") continue;
        const missed = flag === "rescan"; // the system lost events
        if (missed || paths.some((path) => basename(path) === name)) yield;
        // Its directory may be another of that name by now, which is not watched.
        if (missed || paths.includes(this.#directory) || this.#isElsewhere()) break;
      }
      if (this.#isClosed) return;
      closeWatcher(this.#watcher);
      [this.#place, this.#watcher] = this.#watch();
      if (isThere(this.#path)) yield; // perhaps written before that
    }
  }

  /** Whether another directory is to be watched. */
  #isElsewhere(): boolean {
    const { path, identity } = placeOf(this.#directory);
    return path !== this.#place.path || identity !== this.#place.identity;
  }

  /** Watches where the file is, or is to be. */
  #watch(): [Place, Deno.FsWatcher] {
    for (;;) {
      const place = placeOf(this.#directory);
      try {
        const watcher = place.path === this.#directory ? watchBoth(place.path) : watch(place.path);
        if (placeOf(this.#directory).identity === place.identity) return [place, watcher];
        watcher.close();
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error; // gone meanwhile
      }
    }
  }
}

/** Watches `directory` and the one above: by itself, a watch ends when another takes its name. */
function watchBoth(directory: string): Deno.FsWatcher {
  try {
    return watch(directory, dirname(directory));
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return watch(directory); // that is somebody else's
    throw error;
  }
}

function watch(...paths: string[]): Deno.FsWatcher {
  return Deno.watchFs([...new Set(paths)], { recursive: false });
}

/** The directory at `path`, or the nearest above that is there. */
function placeOf(path: string): Place {
  try {
    const { isDirectory, dev, ino } = Deno.statSync(path);
    if (isDirectory) return { path, identity: `${dev} ${ino}` };
  } catch (error) {
    if (!isMissing(error) || dirname(path) === path) throw error;
  }
  return placeOf(dirname(path));
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

function closeWatcher(watcher: Deno.FsWatcher): void {
  try {
    watcher.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error; // closed before
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
