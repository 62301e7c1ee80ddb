import { GhostError } from "../../gmp/errors.ts";
import type { ModuleSummary } from "../../gmp/messages/module.ts";
import { replaceFile, syncDirectory, tryRemove } from "../../gmp/device/durable.ts";
import { storeFault } from "./_fault.ts";
import { HomeLock } from "./home_lock.ts";
import { ModuleChecker } from "./module_checker.ts";
import { MAX_INDEX_SIZE, type ModuleIndex, type PublishedModule } from "./module_index.ts";
import {
  checkAnnouncement,
  type ModuleAnnouncement,
  ModuleUpload,
  type Publication,
} from "./module_upload.ts";
import { type AnyDescription, readDescription } from "./read_description.ts";
import { makeDirectory, readIndex, sweep, sweepHome } from "./store_directory.ts";
import type { UpgradedVersion } from "./upgrade_versions.ts";

/** Uploads at one time: each holds a file open and takes space on the disk. */
export const MAX_UPLOADS = 64;

const DIRECTORY = "modules";
const INDEX = "ghost.modules.json";

/** A module's file, open to read, and its entry in the index. */
interface StoredModule {
  module: PublishedModule;
  /** At its start; the caller closes it. Its bytes are not checked: whoever runs them compares the hash. */
  file: Deno.FsFile;
}

/** What `gpmd wasm info` shows. */
interface ModuleInfo {
  module: PublishedModule;
  description: AnyDescription;
}

/**
 * The modules of one home on its disk, temporary ones included, whose files are on the disk but not in its index. After
 * a crash at any instant the index is valid and every version that it names has its whole file: the file is there and
 * synced before the index names it, and goes after the index has dropped it. Changes happen one at a time; versions
 * never change.
 */
export class ModuleStore implements AsyncDisposable {
  readonly #directory: string;
  readonly #lock: HomeLock;
  readonly #now: () => number;
  readonly #uploads = new Set<ModuleUpload>();
  readonly #checker = new ModuleChecker();
  /** Uploads that are not in the set yet. */
  #beginning = 0;
  readonly #upgraded: readonly UpgradedVersion[];
  #index: ModuleIndex;
  /** Settles when the latest change has ended. */
  #tail: Promise<unknown> = Promise.resolve();
  #state: "open" | "closed" = "open";

  private constructor(directory: string, index: ModuleIndex, lock: HomeLock, now: () => number) {
    this.#directory = directory;
    this.#upgraded = index.upgraded;
    this.#index = index;
    this.#lock = lock;
    this.#now = now;
  }

  /**
   * Opens the store at `home`, a directory that `openHome` has checked, for this process alone, and sweeps what an
   * earlier process left unfinished. `now` returns the milliseconds since 1970.
   *
   * @throws {GhostError} `GPMD_ALREADY_RUNNING` when another process has it; `STORE_FAULT` when its index cannot be
   * read or has a format that this version does not know; it is then left as it is.
   */
  static async open(home: string, now: () => number = Date.now): Promise<ModuleStore> {
    const directory = `${home}/${DIRECTORY}`;
    const lock = await HomeLock.take(home);
    try {
      await sweepHome(home);
      await makeDirectory(directory);
      // Otherwise a power cut may take the directory with all that is in it.
      await syncDirectory(home);
      const index = await readIndex(`${directory}/${INDEX}`);
      const store = new ModuleStore(directory, index, lock, now);
      // Before the sweep: until it is written, the old index still names files that the upgrade drops.
      if (index.isOutdated) await store.#changeIndex(index);
      await sweep(directory, index);
      return store;
    } catch (error) {
      await lock.release();
      throw storeFault(`open the store "${home}"`, error);
    }
  }

  /** The versions that opening the store renamed. */
  get upgraded(): readonly UpgradedVersion[] {
    return this.#upgraded;
  }

  /** All modules, in the order of their names. */
  list(): ModuleSummary[] {
    return this.#index.list();
  }

  /**
   * Opens the file of a version, the latest when `version` is left out.
   *
   * @throws {GhostError} `INVALID_NAME`, `MODULE_NOT_FOUND`, `VERSION_NOT_FOUND`; `HASH_MISMATCH` (its size) or
   * `STORE_FAULT` when somebody has changed the file, which uploading the same bytes again repairs.
   */
  get(name: string, version?: string): StoredModule {
    const module = this.#index.find(name, version);
    const path = `${this.#directory}/${module.file}`;
    try {
      // In the same turn as the lookup in the index, so that no removal comes between.
      const { isFile, size } = Deno.lstatSync(path);
      if (!isFile) throw new GhostError("STORE_FAULT", `Cannot read "${path}": it is not a regular file`);
      if (size !== module.size) {
        throw new GhostError(
          "HASH_MISMATCH",
          `Cannot read module "${name}" ${module.version}: its file has ${size} bytes, not ${module.size}`,
        );
      }
      return { module, file: Deno.openSync(path) };
    } catch (error) {
      throw storeFault(`read module "${name}" ${module.version}`, error);
    }
  }

  /** A version with that hash: of module `name`, and there the named one, if there are several. */
  withHash(hash: string, name: string, version?: string): PublishedModule | undefined {
    return this.#index.withHash(hash, name, version);
  }

  /** The hash of a version, if it is published. */
  hashOf(name: string, version: string): string | undefined {
    return this.#index.get(name, version)?.hash;
  }

  /** Reads a version's description. Throws as {@linkcode get}, and `NOT_A_MODULE`. */
  async info(name: string, version?: string): Promise<ModuleInfo> {
    // One after the other, since each takes as much memory as its module.
    return await this.#inTurn(async () => {
      const { module, file } = this.get(name, version);
      using _ = file;
      return { module, description: await readDescription(file, module.size) };
    });
  }

  /**
   * Starts an upload.
   *
   * @throws {GhostError} as {@linkcode checkAnnouncement}; `VERSION_EXISTS` when the version has other bytes;
   * `PAYLOAD_TOO_LARGE` when there are too many versions; `TOO_MANY_REQUESTS` at {@linkcode MAX_UPLOADS}; `STORE_FAULT`
   * when the disk fails.
   */
  async begin(announcement: ModuleAnnouncement): Promise<ModuleUpload> {
    this.#expectOpen();
    const checked = checkAnnouncement(announcement);
    this.#index.refuse(checked);
    if (this.#uploads.size + this.#beginning >= MAX_UPLOADS) {
      throw new GhostError("TOO_MANY_REQUESTS", `Cannot upload: ${MAX_UPLOADS} uploads are under way`);
    }
    this.#beginning++;
    try {
      const upload = await ModuleUpload.create(
        this.#directory,
        checked,
        this.#checker,
        (upload) => this.#inTurn(() => this.#publish(upload)),
        (upload) => this.#uploads.delete(upload),
      );
      this.#uploads.add(upload);
      this.#checker.warm(upload.path); // while the bytes come
      if (this.#state === "closed") await upload.abort();
      return upload;
    } catch (error) {
      throw storeFault(`upload module "${checked.name}" ${checked.version}`, error);
    } finally {
      this.#beginning--;
    }
  }

  /** See {@linkcode HomeLock.expectHeld}. */
  readonly expectHeld = (): Promise<void> => this.#lock.expectHeld();

  /** Whether `module` is still there, and temporary. */
  isTemporary({ name, version, hash }: PublishedModule): boolean {
    const found = this.#index.get(name, version);
    return found?.temporary === true && found.hash === hash;
  }

  /** Removes those of `modules` that are still there and temporary, and returns them. */
  async release(modules: readonly PublishedModule[]): Promise<PublishedModule[]> {
    this.#expectOpen();
    return await this.#inTurn(async () => {
      const removed = modules.filter((one) => this.isTemporary(one));
      await this.#remove(removed);
      return removed;
    });
  }

  /**
   * Removes a version, or all versions when `version` is left out, and returns what was removed.
   *
   * @throws {GhostError} `INVALID_NAME`, `MODULE_NOT_FOUND`, `VERSION_NOT_FOUND`, or `STORE_FAULT` when the disk fails.
   */
  async remove(name: string, version?: string): Promise<PublishedModule[]> {
    this.#expectOpen();
    return await this.#inTurn(async () => {
      const removed = this.#index.select(name, version);
      try {
        await this.#remove(removed);
      } catch (error) {
        throw storeFault(`remove module "${name}"`, error);
      }
      return removed;
    });
  }

  /** Drops the uploads that are not committed, waits for those that are, and releases the store. */
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    for (const upload of [...this.#uploads]) await upload.abort();
    await this.#checker.close();
    await Promise.all([...this.#uploads].map((upload) => upload.over));
    await this.#tail;
    await this.#lock.release();
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #remove(removed: readonly PublishedModule[]): Promise<void> {
    await this.#lock.expectHeld();
    await this.#changeIndex(this.#index.without(removed), removed);
    for (const { file } of removed) await tryRemove(`${this.#directory}/${file}`);
  }

  async #publish(upload: ModuleUpload): Promise<Publication> {
    const { name, version, hash, size, temporary = false } = upload.announcement;
    await this.#lock.expectHeld();
    this.#index.refuse(upload.announcement);
    const before = this.#index.get(name, version);
    const file = before?.file ?? this.#index.fileFor(name, version);
    const path = `${this.#directory}/${file}`;
    // A temporary version becomes a lasting one when somebody publishes it for good.
    const unchanged = before !== undefined && (temporary || before.temporary === undefined);
    const uploadedAt = new Date(this.#now()).toISOString();
    const made = { name, version, file, hash, size, uploadedAt };
    const module = unchanged ? before : temporary ? { ...made, temporary: true as const } : made;
    // Also when nothing changes: if somebody has damaged the file, this repairs it.
    await Deno.rename(upload.path, path);
    try {
      await syncDirectory(this.#directory);
      if (!unchanged) await this.#changeIndex(this.#index.with(module), [module]);
    } catch (error) {
      if (!this.#index.hasFile(file)) await tryRemove(path);
      throw error;
    }
    return { module, unchanged };
  }

  /** Writes `next` and makes it the index; `changed` are the versions that differ. */
  async #changeIndex(next: ModuleIndex, changed: readonly PublishedModule[] = []): Promise<void> {
    if (changed.length > 0 && changed.every(({ temporary }) => temporary)) {
      this.#index = next; // temporary versions are not written
      return;
    }
    const bytes = new TextEncoder().encode(next.format());
    if (bytes.length > MAX_INDEX_SIZE) {
      throw new GhostError(
        "PAYLOAD_TOO_LARGE",
        `Cannot change the module index: it has ${MAX_INDEX_SIZE} bytes already`,
      );
    }
    await replaceFile(this.#directory, INDEX, bytes, () => this.#index = next);
  }

  /** Runs `change` when all changes before it have ended. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(change);
    this.#tail = result.catch(() => {});
    return result;
  }

  #expectOpen(): void {
    if (this.#state === "open") return;
    throw new GhostError("STORE_FAULT", "Cannot use the store: it has been closed");
  }
}
