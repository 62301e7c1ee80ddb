import { GhostError } from "../../gmp/errors.ts";
import type { ImportDescription } from "../../gmp/wasm_format/module_description.ts";
import { showName } from "../../gmp/types/quote.ts";
import { formatTypes } from "../../gmp/types/signature.ts";
import { Wasi } from "../wasi/mod.ts";
import { assemblyScriptFunctions } from "./assemblyscript.ts";
import { type CompiledModule, WASI_NAMESPACES } from "./compiled_module.ts";
import { checkImport } from "./host_signatures.ts";
import { OWN_MEMORIES } from "./limit_module.ts";
import type { InstanceMemory } from "./memory_budget.ts";

/** WebAssembly's JavaScript Promise Integration, which TypeScript's library does not declare yet. */
const PromiseIntegration = WebAssembly as unknown as {
  // deno-lint-ignore ban-types -- the specification takes any callable
  Suspending: new (callable: Function) => WebAssembly.ImportValue;
  promising(exported: WebAssembly.ExportValue): (...args: unknown[]) => Promise<unknown>;
};

/**
 * Wraps an exported function so that a call returns a promise and its imports may wait (JSPI, "promising").
 */
export const promising = PromiseIntegration.promising;

/** An instance's imports, and what must be bound to it once it is made. */
interface ProvidedImports {
  /** The import object for `WebAssembly.instantiate`. */
  readonly imports: WebAssembly.Imports;
  /** The memory that the module itself imports, if any. */
  readonly memory: WebAssembly.Memory | undefined;
}

/** Called around each wait of the guest, so that the watch knows when it has the thread. */
export interface Suspension {
  /** The guest gives the thread back. */
  readonly suspended: () => void;
  /** The guest continues, before anything else does. */
  readonly resumed: () => void;
}

/**
 * Everything that `compiled` imports: WASI preview 1 from `wasi`, AssemblyScript's few runtime functions, the
 * memories of `memory`. With `suspension` the functions that may wait are wrapped with
 * `WebAssembly.Suspending`, and the exports must be called through {@linkcode promising}.
 *
 * @throws {GhostError} `IMPORT_NOT_FOUND` naming the first unknown import, `UNSUPPORTED_SIGNATURE` for a
 * known one with another signature.
 */
export function provideImports(
  compiled: CompiledModule,
  wasi: Wasi,
  { memories }: InstanceMemory,
  memoryOf: () => WebAssembly.Memory | undefined,
  suspension: Suspension | undefined,
): ProvidedImports {
  // Without prototypes: a module may well import from "__proto__".
  const imports: WebAssembly.Imports = Object.create(null);
  let memory: WebAssembly.Memory | undefined;
  const env = assemblyScriptFunctions(memoryOf, (text) => wasi.writeError(text));
  for (const one of compiled.description.imports) {
    checkImport(compiled, one);
    let value: WebAssembly.ImportValue | undefined;
    if (one.kind === "function" && WASI_NAMESPACES.has(one.module)) {
      value = wasiFunction(wasi, one.name, suspension);
    } else if (one.kind === "function" && one.module === "env") {
      value = Object.hasOwn(env, one.name) ? env[one.name] : undefined;
    } else if (one.kind === "memory") {
      value = memories.shift()!;
      if (one.module !== OWN_MEMORIES) memory = value as WebAssembly.Memory;
    }
    if (value === undefined) throw notProvided(compiled, one);
    (imports[one.module] ??= Object.create(null) as WebAssembly.ModuleImports)[one.name] = value;
  }
  return { imports, memory };
}

function wasiFunction(
  wasi: Wasi,
  name: string,
  suspension: Suspension | undefined,
): WebAssembly.ImportValue | undefined {
  if (!Object.hasOwn(wasi.functions, name)) return undefined;
  const plain = wasi.functions[name]!;
  if (suspension === undefined || !Wasi.suspending.has(name)) return plain as WebAssembly.ImportValue;
  return new PromiseIntegration.Suspending((...args: (number | bigint)[]) => {
    const result = plain(...args);
    if (!(result instanceof Promise)) return result;
    suspension.suspended();
    // V8 resumes the guest in its own reaction to this promise: right after ours, with nothing in between.
    result.then(suspension.resumed, suspension.resumed);
    return result;
  });
}

function notProvided(compiled: CompiledModule, one: ImportDescription): GhostError {
  const name = `${showName(one.module)}.${showName(one.name)}`;
  const what = one.kind === "function"
    ? `the function ${name}${formatTypes(one.type)}`
    : `the ${one.kind} ${name}`;
  return new GhostError(
    "IMPORT_NOT_FOUND",
    `Cannot instantiate ${compiled.name}@${compiled.version}: it imports ${what}, which nobody provides`,
    { details: { module: one.module, name: one.name, kind: one.kind } },
  );
}
