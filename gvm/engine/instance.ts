import { GhostError } from "../../gmp/errors.ts";
import { Wasi, type WasiOptions } from "../wasi/mod.ts";
import type { CompiledModule } from "./compiled_module.ts";
import { provideImports, type Suspension } from "./imports.ts";
import type { InstanceMemory, MemoryBudget } from "./memory_budget.ts";

/** An instance of a module: its exports, its memories and the WASI that it calls. */
export interface Instance {
  /** What it exports. */
  readonly exports: WebAssembly.Exports;
  /** Its memories, which count until dropped. */
  readonly memory: InstanceMemory;
  /** Its WASI. */
  readonly wasi: Wasi;
}

/**
 * Instantiates `compiled` synchronously, so that its memories grow no further than `budget` has room for when
 * it begins to run; call its start function next. With `suspension` its exports must be called through
 * `promising` and may wait; without, an operation that would have to wait fails.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` for an argument or variable that WASI cannot pass, `IMPORT_NOT_FOUND`,
 * `UNSUPPORTED_SIGNATURE`, `MEMORY_LIMIT`; a trap of a data or element segment is thrown unchanged, for
 * `trapOf`.
 */
export function instantiate(
  compiled: CompiledModule,
  options: WasiOptions,
  budget: MemoryBudget,
  suspension?: Suspension,
): Instance {
  const wasi = makeWasi({ ...options, blocking: suspension !== undefined });
  let memory: WebAssembly.Memory | undefined;
  let counted: InstanceMemory | undefined;
  let instance: WebAssembly.Instance;
  try {
    counted = memoryOf(compiled, budget);
    const provided = provideImports(compiled, wasi, counted, () => memory, suspension);
    memory = provided.memory;
    if (memory !== undefined) wasi.bind(memory);
    instance = new WebAssembly.Instance(compiled.module, provided.imports);
  } catch (error) {
    counted?.drop();
    throw isRefusedMemory(error) ? memoryLimit(error, compiled) : error;
  }
  const exported = instance.exports.memory;
  if (exported instanceof WebAssembly.Memory) {
    memory = exported;
    wasi.bind(memory);
  }
  return { exports: instance.exports, memory: counted, wasi };
}

function memoryOf({ name, version, description }: CompiledModule, budget: MemoryBudget): InstanceMemory {
  const { memories, tables } = description;
  const elements = tables.reduce((sum, { type }) => sum + type.minimum, 0);
  return budget.make(memories.map(({ type }) => type), elements, `${name}@${version}`);
}

function makeWasi(options: WasiOptions): Wasi {
  try {
    return new Wasi(options);
  } catch (error) {
    if (error instanceof TypeError) throw new GhostError("BAD_ARGUMENTS", error.message, { cause: error });
    throw error;
  }
}

/** True for V8's error when there is no room for a memory or a table. */
function isRefusedMemory(error: unknown): error is RangeError {
  return error instanceof RangeError && /memory|table/i.test(error.message);
}

function memoryLimit(cause: RangeError, { name, version }: CompiledModule): GhostError {
  return new GhostError("MEMORY_LIMIT", `Cannot instantiate ${name}@${version}: ${cause.message}`, { cause });
}
