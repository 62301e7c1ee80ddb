import { GhostError } from "../../gmp/errors.ts";
import { checkModuleName, type ModuleName, writeModuleName } from "../../gmp/names.ts";
import type { ExactModule, ModuleIdentity } from "../engine/compiled_module.ts";
import { checkHash } from "../engine/hash.ts";
import type { GpmdConnection } from "./gpmd_connection.ts";
import type { AvailableModule, ModuleSource } from "./module_source.ts";

/** Bytes of modules that a node keeps for other executors; the last one is kept whatever its size. */
const KEPT_BYTES = 1 << 26;
/** Modules asked for by their hash whose names are remembered until their bytes are fetched, which is at once. */
const EXACT_LIMIT = 1024;
/** Milliseconds that GPMD may take to send a module. */
const MODULE_TIME = 60_000;

type Bytes = Uint8Array<ArrayBuffer>;

/** Modules from GPMD: each is fetched once, and its hash compared with the one that GPMD sent. */
export class GpmdModules implements ModuleSource {
  readonly #gpmd: () => GpmdConnection;
  /** What GPMD last said, by `name@version`, or `name` for the latest. */
  readonly #identities = new Map<string, Promise<AvailableModule>>();
  /** The identities before GPMD reported a change: most are still the same. */
  readonly #earlier = new Map<string, AvailableModule>();
  readonly #bytes = new Map<string, Bytes>();
  /** What modules that were asked for by their hash are called. */
  readonly #exact = new Map<string, string>();
  #size = 0;

  /** Gets modules from `gpmd`. */
  constructor(gpmd: () => GpmdConnection) {
    this.#gpmd = gpmd;
  }

  /** Has names looked up again the next time. While GPMD is away, they stand for what they stood for before. */
  changed(): void {
    this.#identities.clear();
  }

  /** See {@linkcode ModuleSource.resolve}. The name is checked, since an executor may ask for anything. */
  async resolve(
    name: string,
    version: string | undefined,
    exactly?: ExactModule,
  ): Promise<AvailableModule> {
    const wanted = checkModuleName({ module: name, version });
    return await (exactly === undefined ? this.#resolve(wanted) : this.#resolveExactly(wanted, exactly));
  }

  /**
   * What this device has under that name, without fetching it; nothing when it has no such module, or when its GPMD cannot
   * be asked.
   */
  async published({ module: name, version }: ModuleName): Promise<AvailableModule | undefined> {
    try {
      return await this.#gpmd().request("module.get", { name, version, encoding: "none" });
    } catch (error) {
      if (error instanceof GhostError) return undefined;
      throw error;
    }
  }

  /** Not remembered by its name: a caller may call a module anything. */
  async #resolveExactly(
    { module: name, version }: ModuleName,
    exactly: ExactModule,
  ): Promise<AvailableModule> {
    const { hash } = exactly;
    const wanted = { name, version, ...exactly, encoding: "none" } as const;
    const found = await this.#gpmd().request("module.get", wanted, { timeout: MODULE_TIME });
    if (found.hash !== hash) {
      throw new GhostError(
        "HASH_MISMATCH",
        `Cannot use "${name}": GPMD answered with ${found.hash}, not ${hash}`,
      );
    }
    this.#exact.delete(hash);
    this.#exact.set(hash, name);
    if (this.#exact.size > EXACT_LIMIT) this.#exact.delete(this.#exact.keys().next().value!);
    return found;
  }

  #resolve(wanted: ModuleName): Promise<AvailableModule> {
    const key = writeModuleName(wanted);
    const known = this.#identities.get(key);
    if (known !== undefined) return known;
    const earlier = this.#earlier.get(key);
    const asked: Promise<AvailableModule> = this.#ask(wanted, earlier).then((found) => {
      this.#earlier.set(key, found);
      return found;
    }, (error) => {
      if (this.#identities.get(key) === asked) this.#identities.delete(key);
      // When GPMD is back, all names are looked up again.
      if (earlier !== undefined && isAway(error)) return earlier;
      throw error;
    });
    this.#identities.set(key, asked);
    return asked;
  }

  /** See {@linkcode ModuleSource.bytes}. */
  async bytes(hash: string): Promise<Bytes> {
    const kept = this.#bytes.get(hash);
    if (kept !== undefined) return kept;
    const exactly = this.#exact.get(hash);
    if (exactly !== undefined) {
      await this.#ask({ module: exactly, hash }, undefined);
      const bytes = this.#bytes.get(hash);
      if (bytes !== undefined) return bytes;
    }
    for (const known of [...this.#earlier.values()]) {
      if (known.hash !== hash) continue;
      const found = await this.#ask({ module: known.name, version: known.version }, undefined);
      const bytes = this.#bytes.get(hash);
      if (found.hash === hash && bytes !== undefined) return bytes;
    }
    throw new GhostError("MODULE_NOT_FOUND", `Cannot fetch: no module with the hash ${hash} is known`);
  }

  async #ask(
    { module: name, version, hash }: ModuleName,
    earlier: AvailableModule | undefined,
  ): Promise<AvailableModule> {
    let bytes: Bytes | undefined;
    let filled = 0;
    const { unchanged, binary: _, ...found } = await this.#gpmd().request("module.get", {
      name,
      version,
      hash,
      encoding: "bytes",
      ifNoneMatch: earlier?.hash,
    }, {
      timeout: MODULE_TIME,
      head: ({ size }) => bytes = new Uint8Array(size),
      data: (chunk) => {
        if (bytes === undefined || filled + chunk.length > bytes.length) {
          throw new GhostError("BAD_REQUEST", `Cannot read ${name}: GPMD sent more bytes than it announced`);
        }
        bytes.set(chunk, filled);
        filled += chunk.length;
      },
    });
    if (unchanged === true && found.hash === earlier?.hash) return found;
    await this.#keep(found, (bytes ?? new Uint8Array(0)).subarray(0, filled));
    return found;
  }

  async #keep(identity: ModuleIdentity, bytes: Bytes): Promise<void> {
    await checkHash(bytes, identity);
    const { hash } = identity;
    if (this.#bytes.has(hash)) return;
    this.#bytes.set(hash, bytes);
    this.#size += bytes.length;
    for (const [oldest, { length }] of this.#bytes) {
      if (this.#size <= KEPT_BYTES || oldest === hash) break;
      this.#bytes.delete(oldest);
      this.#size -= length;
    }
  }
}

/** Whether `error` says that GPMD was away before it could answer. */
function isAway(error: unknown): boolean {
  return error instanceof GhostError &&
    (error.code === "GPMD_NOT_RUNNING" || error.code === "CONNECTION_LOST");
}
