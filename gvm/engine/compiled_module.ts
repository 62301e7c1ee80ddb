import { WASI_NAMESPACES } from "../../gmp/wasm_format/host_signatures.ts";
import { giveBack } from "../../gmp/frames/give_back.ts";
import { isComponent } from "../../gmp/wasm_format/header.ts";
import type { ModuleDescription } from "../../gmp/wasm_format/module_description.ts";
import { readModule } from "../../gmp/wasm_format/module_reader.ts";
import { Wasi } from "../wasi/mod.ts";
import { loadComponent, type LoadedComponent, notCompiled } from "./load_component.ts";
import type { ExecutionLimits } from "./execution_limits.ts";
import { checkHash } from "./hash.ts";
import { limitModule, PAGE_BYTES } from "./limit_module.ts";
import { exportStart } from "./start_function.ts";

/** A published module: its name, its version, and the SHA-256 of its bytes. */
export interface ModuleIdentity {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** The SHA-256 of its bytes, 64 hexadecimal digits. */
  readonly hash: string;
  /** Whether it is not published here under that name: its caller has brought it. */
  readonly brought?: boolean | undefined;
}

/** Exactly which module is meant, wherever it is. */
export interface ExactModule {
  /** Its SHA-256. */
  readonly hash: string;
  /** Whether other devices are asked for it when this one does not have it. */
  readonly elsewhere: boolean;
  /** The device that is asked first: that of the caller. */
  readonly device?: string | undefined;
}

/** A module that is checked, limited and compiled, and can be instantiated any number of times. */
export type CompiledModule = CompiledCoreModule | CompiledComponentModule;

/** A component. */
export interface CompiledComponentModule extends ModuleIdentity {
  /** It with its core modules. */
  readonly component: LoadedComponent;
  readonly start?: undefined;
  /** Whether it imports something that may have to wait, so that calls return promises. */
  readonly waits: boolean;
}

/** A core module. */
export interface CompiledCoreModule extends ModuleIdentity {
  readonly component?: undefined;
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
  if (isComponent(bytes)) {
    const component = await loadComponent(bytes, identity, limits);
    if (spend) giveBack(bytes);
    return { ...labelOf(identity), component, waits: component.waits };
  }
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
    throw notCompiled(identity, cause);
  }
  return { ...labelOf(identity), module, description, start, waits: description.imports.some(mayWait) };
}

/** What a module is called by one of those who ask for it. */
function labelOf({ name, version, hash, brought = false }: ModuleIdentity): ModuleIdentity {
  return { name, version, hash, brought };
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
      return known.module.then((module) => ({ ...module, ...labelOf(identity) }));
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
