import { GhostError } from "../../gmp/errors.ts";
import { type CoreModule, readComponent } from "../../gmp/wasm_format/component/component_reader.ts";
import { validateComponent } from "../../gmp/wasm_format/component/component_validator.ts";
import { type ModuleDescription, readModule } from "../../gmp/wasm_format/module_reader.ts";
import { type CompiledComponent, coreModules } from "../component/component.ts";
import type { CompiledCore, CoreSize } from "../component/entities.ts";
import { passesStreams } from "../component/passes_streams.ts";
import { type ExportedFunction, survey } from "../component/exported_functions.ts";
import type { MissingFunction } from "../component/host_imports.ts";
import type { WasiOptions } from "../wasi/mod.ts";
import type { ModuleIdentity } from "./compiled_module.ts";
import { guestWorld } from "./component_world.ts";
import type { ExecutionLimits } from "./execution_limits.ts";
import { limitModule, PAGE_BYTES } from "./limit_module.ts";

/** Most core modules that one instance of a component may consist of; one made of JavaScript has 11. */
const MAX_CORE_INSTANCES = 1000;

/** Any world has the same functions that wait. */
const NO_OPTIONS: WasiOptions = {
  args: [],
  stdout: { isTerminal: false, write: () => {} },
  stderr: { isTerminal: false, write: () => {} },
};

/** A component that is read, limited and compiled. */
export interface LoadedComponent extends CompiledComponent {
  /** What it exports. */
  readonly functions: readonly ExportedFunction[];
  /** The functions that it imports, and that nodes do not provide. */
  readonly missing: readonly MissingFunction[];
  /** How many of its core instances have memories of their own. */
  readonly memoryInstances: number;
  /** Bytes of all these at the start. */
  readonly memoryBytes: number;
  /** Whether a call of some function may have to wait. */
  readonly waits: boolean;
}

/** A core module, and what it says. */
interface ReadCore extends CoreSize {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Without what it imports of memories and tables: those are of other core modules. */
  readonly description: ModuleDescription;
}

/**
 * Reads a component, lowers the limits of its core modules, so that all their instances together stay within `limits`, and
 * compiles them.
 *
 * @throws {GhostError} `NOT_A_MODULE`, `MEMORY_LIMIT`.
 */
export async function loadComponent(
  bytes: Uint8Array<ArrayBuffer>,
  identity: ModuleIdentity,
  limits: ExecutionLimits,
): Promise<LoadedComponent> {
  const description = readComponent(bytes);
  validateComponent(bytes, description);
  const cores = new Map<CoreModule, ReadCore>();
  for (const one of coreModules(description)) {
    cores.set(one, readCore(bytes.subarray(one.range.start, one.range.end)));
  }
  const found = survey(description, cores, guestWorld(NO_OPTIONS).world);
  const memoryBytes = bytesOf(found.cores);
  refuseAbove("memory", "bytes", memoryBytes, limits.memory);
  const growth = tableGrowth(found.cores, limits);
  const modules = new Map<CoreModule, CompiledCore>();
  await Promise.all(Array.from(cores, async ([one, core]) => {
    modules.set(one, await compileCore(core, identity, limits, growth));
  }));
  const { functions, missing } = found;
  return {
    missing,
    description,
    modules,
    functions,
    memoryBytes,
    memoryInstances: found.cores.filter(({ memories }) => memories.length > 0).length,
    waits: functions.some(({ type, waits }) => waits || passesStreams(type)),
  };
}

function readCore(bytes: Uint8Array<ArrayBuffer>): ReadCore {
  const whole = readModule(bytes);
  const memories = whole.memories.filter(({ imported }) => !imported);
  const tables = whole.tables.filter(({ imported }) => !imported);
  return {
    bytes,
    description: { ...whole, memories, tables },
    memories: memories.map(({ type }) => type),
    tables: tables.map(({ type }) => type.minimum),
  };
}

/** Elements by which each table may grow. @throws {GhostError} `MEMORY_LIMIT`, `NOT_A_MODULE` for too many instances. */
function tableGrowth(cores: readonly CoreSize[], { tableElements }: ExecutionLimits): number {
  if (cores.length > MAX_CORE_INSTANCES) {
    throw new GhostError(
      "NOT_A_MODULE",
      `Cannot load the component: an instance has ${cores.length} core instances, above the limit of ${MAX_CORE_INSTANCES}`,
    );
  }
  const tables = cores.flatMap(({ tables }) => tables);
  const elements = tables.reduce((sum, minimum) => sum + minimum, 0);
  refuseAbove("tables", "elements", elements, tableElements);
  return Math.floor((tableElements - elements) / Math.max(1, tables.length));
}

function bytesOf(cores: readonly CoreSize[]): number {
  return cores.flatMap(({ memories }) => memories).reduce((sum, { minimum }) => sum + minimum, 0) *
    PAGE_BYTES;
}

function refuseAbove(part: string, unit: string, needed: number, limit: number): void {
  if (needed <= limit) return;
  throw new GhostError(
    "MEMORY_LIMIT",
    `Cannot load the component: its ${part} take ${needed} ${unit} at the start, above the limit of ${limit} ${unit}`,
    { details: { needed, limit } },
  );
}

async function compileCore(
  { bytes, description, tables }: ReadCore,
  identity: ModuleIdentity,
  { memory }: ExecutionLimits,
  growth: number,
): Promise<CompiledCore> {
  const tableElements = tables.reduce((sum, minimum) => sum + minimum + growth, 0);
  const limited = limitModule(
    bytes,
    { memoryPages: Math.floor(memory / PAGE_BYTES), tableElements },
    description,
  );
  const { imports, memories } = limited === bytes ? description : readModule(limited);
  try {
    const module = await WebAssembly.compile(limited);
    const own = memories.slice(memories.length - description.memories.length);
    return { module, imports, memories: own.map(({ type }) => type), tables };
  } catch (cause) {
    throw notCompiled(identity, cause);
  }
}

/** The error of a module that V8 does not compile. */
export function notCompiled({ name, version }: ModuleIdentity, cause: unknown): GhostError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new GhostError("NOT_A_MODULE", `Cannot compile ${name}@${version}: ${reason}`, { cause });
}
