import { GhostError } from "../../gmp/errors.ts";
import { checkModuleName, type ModuleName, writeModuleName } from "../../gmp/names.ts";
import type { ModuleIdentity } from "../engine/compiled_module.ts";
import { checkHash } from "../engine/hash.ts";
import type { GpmdLink } from "./gpmd_link.ts";
import type { AvailableModule, ModuleSource } from "./module_source.ts";

/** Bytes of modules that a node keeps for other executors; the last one is kept whatever its size. */
const KEPT_BYTES = 1 << 26;
/** Milliseconds that GPMD may take to send a module. */
const MODULE_TIME = 60_000;

type Bytes = Uint8Array<ArrayBuffer>;

/** Modules from GPMD: each is fetched once, and its hash compared with the one that GPMD sent. */
export class GpmdModules implements ModuleSource {
  readonly #link: () => GpmdLink;
  /** What GPMD last said, by `name@version`, or `name` for the latest. */
  readonly #identities = new Map<string, Promise<AvailableModule>>();
  /** The identities before GPMD reported a change: most are still the same. */
  readonly #earlier = new Map<string, AvailableModule>();
  readonly #bytes = new Map<string, Bytes>();
  #size = 0;

  /** Gets modules over `link`. */
  constructor(link: () => GpmdLink) {
    this.#link = link;
  }

  /** Has names looked up again the next time. */
  changed(): void {
    this.#identities.clear();
  }

  /** See {@linkcode ModuleSource.resolve}. The name is checked, since an executor may ask for anything. */
  async resolve(name: string, version: string | undefined): Promise<AvailableModule> {
    return await this.#resolve(checkModuleName({ module: name, version }));
  }

  #resolve(wanted: ModuleName): Promise<AvailableModule> {
    const key = writeModuleName(wanted);
    const known = this.#identities.get(key);
    if (known !== undefined) return known;
    const asked: Promise<AvailableModule> = this.#ask(wanted, this.#earlier.get(key)).then((found) => {
      this.#earlier.set(key, found);
      return found;
    }, (error) => {
      if (this.#identities.get(key) === asked) this.#identities.delete(key);
      throw error;
    });
    this.#identities.set(key, asked);
    return asked;
  }

  /** See {@linkcode ModuleSource.bytes}. */
  async bytes(hash: string): Promise<Bytes> {
    const kept = this.#bytes.get(hash);
    if (kept !== undefined) return kept;
    for (const known of [...this.#earlier.values()]) {
      if (known.hash !== hash) continue;
      const found = await this.#ask({ module: known.name, version: known.version }, undefined);
      const bytes = this.#bytes.get(hash);
      if (found.hash === hash && bytes !== undefined) return bytes;
    }
    throw new GhostError("MODULE_NOT_FOUND", `Cannot fetch: no module with the hash ${hash} is known`);
  }

  async #ask(
    { module: name, version }: ModuleName,
    earlier: AvailableModule | undefined,
  ): Promise<AvailableModule> {
    let bytes: Bytes | undefined;
    let filled = 0;
    const { unchanged, binary: _, ...found } = await this.#link().request("module.get", {
      name,
      version,
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
