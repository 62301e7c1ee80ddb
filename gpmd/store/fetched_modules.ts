import { Semaphore } from "../../gmp/async/semaphore.ts";
import { createTemporaryFile, TEMPORARY_SUFFIX, tryRemove, writeAll } from "../../gmp/device/durable.ts";
import { GhostError } from "../../gmp/errors.ts";
import { isHash } from "../../gmp/names.ts";
import { storeFault } from "./_fault.ts";
import { makeDirectory } from "./store_directory.ts";

/** Fetched modules that are kept: more than one works with. */
const MAX_FETCHED = 256;
/** Bytes of fetched modules that are kept, with what has come of others: four of the largest. */
const MAX_FETCHED_BYTES: number = 2 ** 30;
/** Modules that are fetched at once: together they fit beside each other, even the largest. */
const MAX_FETCHES = 4;

const DIRECTORY = "fetched";
const SUFFIX = ".wasm";
/** Bytes that are read at a time to compare a file with its hash. */
const CHUNK = 1 << 20;

/** Takes the bytes of a module, in order; they are not kept. */
export type Take = (bytes: Uint8Array) => Promise<void>;

/** How much is kept; by default as {@linkcode MAX_FETCHED} and {@linkcode MAX_FETCHED_BYTES} say. */
interface FetchedLimits {
  readonly count?: number;
  readonly bytes?: number;
}

/** What is known of a file. */
interface Kept {
  readonly size: number;
  /** Whether this process has compared it with its hash: it may have been damaged while nobody ran. */
  checked: boolean;
}

/**
 * Modules that came from other devices by their hash, in files of their own beside the published ones: they have no name here.
 * Those that nobody has used for longest go. After a crash at any instant nothing is used that is not whole: a file gets its
 * name when it is, and is compared with its hash before its first use after each start.
 */
export class FetchedModules {
  readonly #directory: string;
  readonly #count: number;
  readonly #limit: number;
  /** By hash, those used last at the end. */
  readonly #kept = new Map<string, Kept>();
  /** By hash. */
  readonly #coming = new Map<string, Promise<void>>();
  readonly #fetches = new Semaphore(MAX_FETCHES);
  /** Bytes of files, and of what has come of others. */
  #bytes = 0;

  private constructor(directory: string, { count = MAX_FETCHED, bytes = MAX_FETCHED_BYTES }: FetchedLimits) {
    this.#directory = directory;
    this.#count = count;
    this.#limit = bytes;
  }

  /** Opens those of the store at `home`, and removes what an earlier process left unfinished. @throws {GhostError} `STORE_FAULT`. */
  static async open(home: string, limits: FetchedLimits = {}): Promise<FetchedModules> {
    const fetched = new FetchedModules(`${home}/${DIRECTORY}`, limits);
    try {
      await makeDirectory(fetched.#directory);
      await fetched.#read();
    } catch (error) {
      throw storeFault("open the fetched modules", error);
    }
    return fetched;
  }

  /** The bytes of all files. */
  get size(): number {
    return this.#bytes;
  }

  /** Whether the module with that hash is on its way, or waits for its turn. */
  isComing(hash: string): boolean {
    return this.#coming.has(hash);
  }

  /** The file of the module with that hash, open to read, and its size; nothing when it is not here. */
  async get(hash: string): Promise<{ file: Deno.FsFile; size: number } | undefined> {
    const kept = this.#kept.get(hash);
    if (kept === undefined) return undefined;
    let file: Deno.FsFile | undefined;
    try {
      file = await Deno.open(this.#pathOf(hash));
      const isWhole = kept.checked || await hashOf(file) === hash;
      if (isWhole && (await file.stat()).size === kept.size) {
        kept.checked = true;
        await file.seek(0, Deno.SeekMode.Start);
        this.#used(hash, kept);
        return { file, size: kept.size };
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        file?.close();
        throw storeFault("read a fetched module", error);
      }
    }
    file?.close();
    await this.#drop(hash, kept);
    return undefined;
  }

  /**
   * Has the module with that hash come unless it is here, once for all who ask for it: `fetch` gets its size from `begin`
   * and passes its bytes on.
   *
   * @throws {GhostError} `HASH_MISMATCH`, `STORE_FAULT`, `RESOURCE_EXHAUSTED`, and what `fetch` throws: then nothing of it stays.
   */
  async add(hash: string, fetch: (begin: (size: number) => Take) => Promise<void>): Promise<void> {
    // It may have come while its asker waited for a turn.
    if (this.#kept.has(hash)) return;
    let coming = this.#coming.get(hash);
    if (coming === undefined) {
      coming = this.#fetches.run(() => this.#fetch(hash, fetch)).finally(() => this.#coming.delete(hash));
      this.#coming.set(hash, coming);
    }
    await coming;
  }

  async #fetch(hash: string, fetch: (begin: (size: number) => Take) => Promise<void>): Promise<void> {
    const { createHash } = await import("node:crypto"); // a daemon that fetches nothing need not load it
    const temporary = await createTemporaryFile(this.#directory).catch((error) => {
      throw storeFault("fetch a module", error);
    });
    const { file, path } = temporary;
    let digest = createHash("sha256");
    let [expected, received] = [0, 0];
    const begin = (size: number): Take => {
      if (received > 0) file.truncateSync(0); // another device begins anew
      file.seekSync(0, Deno.SeekMode.Start);
      this.#bytes -= received;
      [expected, received, digest] = [size, 0, createHash("sha256")];
      return async (bytes) => {
        received += bytes.length;
        this.#bytes += bytes.length;
        if (received > expected) throw mismatch(hash, `more than the ${expected} bytes that were announced`);
        digest.update(bytes);
        while (this.#bytes > this.#limit && await this.#dropOldest());
        await writeAll(file, bytes);
        if (received < expected) return;
        const found = digest.copy().digest("hex");
        if (found !== hash) throw mismatch(hash, `bytes with the SHA-256 ${found}`);
      };
    };
    let isKept = false;
    try {
      await fetch(begin);
      if (received < expected || expected === 0) throw mismatch(hash, `${received} of ${expected} bytes`);
      // Not synced: what a power cut has left of it is compared with the hash before it is used.
      await Deno.rename(path, this.#pathOf(hash));
      while (this.#kept.size >= this.#count && await this.#dropOldest());
      this.#kept.set(hash, { size: expected, checked: true });
      isKept = true;
    } catch (error) {
      throw storeFault("fetch a module", error);
    } finally {
      file.close();
      if (!isKept) {
        this.#bytes -= received;
        await tryRemove(path);
      }
    }
  }

  /** Drops the one that was used longest ago; false when there is none. */
  async #dropOldest(): Promise<boolean> {
    const [oldest] = this.#kept;
    if (oldest === undefined) return false;
    await this.#drop(...oldest);
    return true;
  }

  /** Drops `kept`, unless that was done meanwhile: the file may be a new one. */
  async #drop(hash: string, kept: Kept): Promise<void> {
    if (this.#kept.get(hash) !== kept) return;
    this.#bytes -= kept.size;
    this.#kept.delete(hash);
    await tryRemove(this.#pathOf(hash));
  }

  /** Makes `kept` the one used last, unless it was dropped meanwhile. */
  #used(hash: string, kept: Kept): void {
    if (this.#kept.get(hash) !== kept) return;
    this.#kept.delete(hash);
    this.#kept.set(hash, kept);
    const now = new Date();
    Deno.utime(this.#pathOf(hash), now, now).catch(() => {}); // only the order after the next start is lost
  }

  async #read(): Promise<void> {
    const found: { hash: string; size: number; time: number }[] = [];
    for await (const { name, isFile } of Deno.readDir(this.#directory)) {
      const path = `${this.#directory}/${name}`;
      const hash = name.slice(0, -SUFFIX.length);
      if (isFile && name.endsWith(TEMPORARY_SUFFIX)) await tryRemove(path);
      if (!isFile || !name.endsWith(SUFFIX) || !isHash(hash)) continue;
      const { size, mtime } = await Deno.lstat(path);
      found.push({ hash, size, time: mtime?.getTime() ?? 0 });
    }
    for (const { hash, size } of found.sort((one, other) => one.time - other.time)) {
      this.#kept.set(hash, { size, checked: false });
      this.#bytes += size;
    }
  }

  #pathOf(hash: string): string {
    return `${this.#directory}/${hash}${SUFFIX}`;
  }
}

async function hashOf(file: Deno.FsFile): Promise<string> {
  const { createHash } = await import("node:crypto");
  const digest = createHash("sha256");
  const chunk = new Uint8Array(CHUNK);
  for (let count; (count = await file.read(chunk)) !== null;) digest.update(chunk.subarray(0, count));
  return digest.digest("hex");
}

function mismatch(hash: string, came: string): GhostError {
  return new GhostError("HASH_MISMATCH", `Cannot use the module sha256:${hash}: ${came} came for it`, {
    details: { hash },
  });
}
