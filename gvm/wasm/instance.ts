import { GhostError } from "../../gmp/errors.ts";
import { Wasi, type WasiOptions } from "../wasi/mod.ts";
import type { CompiledModule } from "./compiled_module.ts";
import { provideImports, type Suspension } from "./imports.ts";
import { trapOf } from "./trap.ts";

/** A module made to run: its exports, its memory and the WASI it calls. */
export interface Instance {
  /** What it exports. */
  readonly exports: WebAssembly.Exports;
  /** Its WASI. */
  readonly wasi: Wasi;
}

/**
 * Instantiates `compiled`, which runs its `start` section. With `suspension` its exports must be called through
 * `promising` and may wait; without, an operation that would have to wait fails.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` for an argument or variable that WASI cannot pass, `IMPORT_NOT_FOUND`, `MEMORY_LIMIT`, or `TRAP` when its `start` section traps.
 */
export async function instantiate(
  compiled: CompiledModule,
  options: WasiOptions,
  suspension?: Suspension,
): Promise<Instance> {
  const wasi = makeWasi({ ...options, blocking: suspension !== undefined });
  let memory: WebAssembly.Memory | undefined;
  const provided = provideImports(compiled, wasi, () => memory, suspension);
  memory = provided.memory;
  // The start section may call WASI before the exports can be seen.
  if (memory !== undefined) wasi.bind(memory);
  let instance: WebAssembly.Instance;
  try {
    instance = await WebAssembly.instantiate(compiled.module, provided.imports);
  } catch (error) {
    throw instantiationError(error, compiled);
  }
  const exported = instance.exports.memory;
  if (exported instanceof WebAssembly.Memory) {
    memory = exported;
    wasi.bind(memory);
  }
  return { exports: instance.exports, wasi };
}

function makeWasi(options: WasiOptions): Wasi {
  try {
    return new Wasi(options);
  } catch (error) {
    if (error instanceof TypeError) throw new GhostError("BAD_ARGUMENTS", error.message, { cause: error });
    throw error;
  }
}

function instantiationError(error: unknown, compiled: CompiledModule): GhostError {
  const what = `${compiled.name}@${compiled.version}`;
  if (error instanceof RangeError && /memory|table/i.test(error.message)) {
    return new GhostError("MEMORY_LIMIT", `Cannot instantiate ${what}: ${error.message}`, { cause: error });
  }
  return trapOf(error, what);
}
