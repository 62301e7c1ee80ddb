import { GhostError } from "../../gmp/errors.ts";
import { isPlugin, type PluginConfig } from "../../gmp/wasm_format/extism.ts";
import type { MemoryType } from "../../gmp/wasm_format/module_description.ts";
import type { HostCall } from "../component/host_call.ts";
import { Plugin } from "../extism/plugin.ts";
import { Wasi, type WasiOptions } from "../wasi/mod.ts";
import type { CompiledCoreModule, CompiledModule } from "./compiled_module.ts";
import { instantiateLoaded } from "./instantiate_component.ts";
import { provideImports } from "./imports.ts";
import { type CoreFunction, promisingFunction } from "../component/promise_integration.ts";
import type { Suspension } from "../component/suspension.ts";
import type { Callable } from "./inline_function.ts";
import { makeWasi } from "./make_wasi.ts";
import type { InstanceMemory, MemoryBudget } from "./memory_budget.ts";
import { GivenImports, type Provisions } from "./program_imports.ts";
import { pluginCallable } from "./plugin_call.ts";

/** An instance of a module or of a component. */
export interface Instance {
  /** The exported function `name`, which must exist; it returns a promise if the module waits. */
  callable(name: string): Callable;
  /** Its memories, which count until dropped. */
  readonly memory: CountedMemory;
  /** Ends a wait under way, and all later ones, with `reason`. */
  abort(reason: unknown): void;
  /** Closes the files that it has open: it runs no more. */
  close(): void;
  /** There in a component, whose functions may go on after they have returned. */
  readonly streams?: InstanceStreams;
}

/** What goes on in an instance after calls have returned. */
export interface InstanceStreams {
  /** Whether calls of that function may go on. */
  passes(name: string): boolean;
  /** What the next call passes belongs to `call`. */
  begin(call: HostCall | undefined): void;
  /** Has the guest go on for a turn: whether there is more to do. `runs` is told for which call it does next. */
  step(runs: (call: HostCall | undefined) => void): Promise<boolean>;
  /** Calls `runs` with the call for which a thread runs while another has the instance, `undefined` for that one. */
  onRuns(runs: (call: HostCall | undefined) => void): void;
  /** Whether it has ended, by a trap or from outside. */
  isOver(): boolean;
  /** Calls `asked` whenever it could go on, and no call is under way. */
  onAsked(asked: () => void): void;
}

/** The memory of an Extism plug-in's kernel. */
const KERNEL_MEMORY: MemoryType = { minimum: 1, shared: false, is64: false };

/** Memory of an instance that counts until it is dropped. */
export type CountedMemory = Pick<InstanceMemory, "settle" | "drop"> & {
  /** Ends the instance, whose memory counts still: what is under way in it goes on. */
  end?(): void;
};

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
  provisions?: Provisions,
): Instance {
  return compiled.component === undefined
    ? instantiateCore(compiled, options, budget, suspension, provisions)
    : instantiateLoaded(compiled, options, budget, suspension, provisions);
}

function instantiateCore(
  compiled: CompiledCoreModule,
  options: WasiOptions,
  budget: MemoryBudget,
  suspension?: Suspension,
  provisions?: Provisions,
): Instance {
  const wasi = makeWasi(Wasi, { ...options, blocking: suspension !== undefined });
  let memory: WebAssembly.Memory | undefined;
  let counted: InstanceMemory | undefined;
  let instance: WebAssembly.Instance;
  let plugin: Plugin | undefined;
  const imports = provisions?.imports === undefined
    ? undefined
    : new GivenImports(provisions, suspension !== undefined);
  try {
    counted = memoryOf(compiled, budget);
    const { memories } = counted;
    plugin = pluginOf(compiled, counted, wasi, provisions?.config);
    const provided = provideImports(compiled, wasi, memories, () => memory, suspension, { plugin, imports });
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
  return {
    callable(name) {
      const exported = instance.exports[name]!;
      const waits = compiled.waits || suspension !== undefined;
      const callable = waits ? promisingFunction(exported as CoreFunction) : exported as Callable;
      return plugin === undefined ? callable : pluginCallable(plugin, compiled, name, callable);
    },
    memory: counted,
    abort: (reason) => {
      wasi.abort(reason);
      imports?.abort(reason);
    },
    close: () => wasi.close(),
  };
}

function memoryOf({ name, version, description }: CompiledCoreModule, budget: MemoryBudget): InstanceMemory {
  const { memories, tables } = description;
  const elements = tables.reduce((sum, { type }) => sum + type.minimum, 0);
  const kernel = isPlugin(description) ? [KERNEL_MEMORY] : [];
  return budget.make([...memories.map(({ type }) => type), ...kernel], elements, `${name}@${version}`);
}

/** The host for a plug-in; its kernel has the last memory. */
function pluginOf(
  { description }: CompiledCoreModule,
  memory: InstanceMemory,
  wasi: Wasi,
  config: PluginConfig | undefined,
): Plugin | undefined {
  if (!isPlugin(description)) return undefined;
  return new Plugin({
    memory: memory.memories.at(-1)!,
    hold: (bytes) => memory.hold(bytes),
    writeError: (text) => wasi.writeError(text),
    config,
  });
}

/** True for V8's error when there is no room for a memory or a table. */
function isRefusedMemory(error: unknown): error is RangeError {
  return error instanceof RangeError && /memory|table/i.test(error.message);
}

function memoryLimit(cause: RangeError, { name, version }: CompiledModule): GhostError {
  return new GhostError("MEMORY_LIMIT", `Cannot instantiate ${name}@${version}: ${cause.message}`, { cause });
}
