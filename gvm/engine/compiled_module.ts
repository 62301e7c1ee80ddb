import { GhostError } from "../../gmp/errors.ts";
import { giveBack } from "../../gmp/frames/give_back.ts";
import type { ModuleDescription } from "../../gmp/wasm_format/module_description.ts";
import { readModule } from "../../gmp/wasm_format/module_reader.ts";
import { Wasi } from "../wasi/mod.ts";
import type { ExecutionLimits } from "./execution_limits.ts";
import { checkHash } from "./hash.ts";
import { limitModule, PAGE_BYTES } from "./limit_module.ts";
import { exportStart } from "./start_function.ts";

/** The namespaces under which modules import WASI preview 1. */
export const WASI_NAMESPACES: ReadonlySet<string> = new Set(["wasi_snapshot_preview1"]);

/** A published module: its name, its version, and the SHA-256 of its bytes. */
export interface ModuleIdentity {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** The SHA-256 of its bytes, 64 hexadecimal digits. */
  readonly hash: string;
}

/** A module that is checked, limited and compiled, and can be instantiated any number of times. */
export interface CompiledModule extends ModuleIdentity {
  /** V8's module. */
  readonly module: WebAssembly.Module;
  /** The contents of its sections. */
  readonly description: ModuleDescription;
  /** The export, not listed in `description`, that is its start function: to be called before any other. */
  readonly start: string | undefined;
  /** Whether it imports something that may have to wait, so that calls return promises. */
  readonly waits: boolean;
}

/**
 * Checks the hash of `bytes`, lowers the module's limits and compiles it. With `spend` the bytes are empty
 * afterwards, so that a large module is held only as what the engine copies from and its copy.
 *
 * @throws {GhostError} `HASH_MISMATCH`, `NOT_A_MODULE`, `MEMORY_LIMIT`.
 */
export async function compileModule(
  bytes: Uint8Array<ArrayBuffer>,
  identity: ModuleIdentity,
  limits: ExecutionLimits,
  { spend = false }: { spend?: boolean } = {},
): Promise<CompiledModule> {
  await checkHash(bytes, identity);
  const limited = limitModule(bytes, {
    memoryPages: Math.floor(limits.memory / PAGE_BYTES),
    tableElements: limits.tableElements,
  });
  if (spend && limited !== bytes) giveBack(bytes);
  const description = readModule(limited);
  const { bytes: ready, name: start } = exportStart(limited, description);
  if (spend && ready !== limited) giveBack(limited);
  let module: WebAssembly.Module;
  try {
    const compiling = WebAssembly.compile(ready);
    if (spend) giveBack(ready); // the engine has already copied them (WebAssembly JavaScript interface, "compile")
    module = await compiling;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GhostError("NOT_A_MODULE", `Cannot compile ${identity.name}@${identity.version}: ${reason}`, {
      cause,
    });
  }
  const { name, version, hash } = identity;
  return { name, version, hash, module, description, start, waits: description.imports.some(mayWait) };
}

function mayWait(one: { module: string; name: string }): boolean {
  return WASI_NAMESPACES.has(one.module) && Wasi.suspending.has(one.name) && !WRITES.has(one.name);
}

/**
 * Writing waits only in a run, whose output is streamed; a function call collects it, so there it does not
 * count as waiting.
 */
const WRITES: ReadonlySet<string> = new Set(["fd_write", "fd_pwrite"]);

interface CacheEntry {
  module: Promise<CompiledModule>;
  /** Size of its file in bytes, once it is made. */
  bytes: number;
}

/** Compiled modules by content; beyond a number and a size, the least recently used are dropped. */
export class ModuleCache {
  readonly #modules = new Map<string, CacheEntry>();
  #bytes = 0;

  /** A cache of up to `count` modules and `limit` bytes of their files. */
  constructor(readonly count = 64, readonly limit = 1 << 28) {}

  /** True when a module with that hash is cached, or being made. */
  has(hash: string): boolean {
    return this.#modules.has(hash);
  }

  /**
   * The module with that content, made by `make` once however many ask for it. `make` also returns the size
   * of its file; a module that could not be made is not kept.
   */
  get(
    identity: ModuleIdentity,
    make: () => Promise<{ module: CompiledModule; bytes: number }>,
  ): Promise<CompiledModule> {
    const { hash } = identity;
    const known = this.#modules.get(hash);
    if (known !== undefined) {
      this.#modules.delete(hash);
      this.#modules.set(hash, known);
      return known.module.then((module) => ({ ...module, name: identity.name, version: identity.version }));
    }
    const entry: CacheEntry = { module: undefined!, bytes: 0 };
    entry.module = make().then(({ module, bytes }) => this.#made(hash, entry, module, bytes));
    this.#modules.set(hash, entry);
    entry.module.catch(() => this.#modules.get(hash) === entry && this.#modules.delete(hash));
    return entry.module;
  }

  #made(hash: string, entry: CacheEntry, module: CompiledModule, bytes: number): CompiledModule {
    if (this.#modules.get(hash) !== entry) return module;
    entry.bytes = bytes;
    this.#bytes += bytes;
    for (const [oldest, { bytes }] of this.#modules) {
      if (oldest === hash || (this.#modules.size <= this.count && this.#bytes <= this.limit)) break;
      this.#modules.delete(oldest);
      this.#bytes -= bytes;
    }
    return module;
  }
}
