import { GhostError } from "../../gmp/errors.ts";
import { EXTISM_NAMESPACE } from "../../gmp/wasm_format/extism.ts";
import { WASI_NAMESPACES } from "../../gmp/wasm_format/host_signatures.ts";
import type { ImportDescription } from "../../gmp/wasm_format/module_description.ts";
import { toolchainAdvice, toolchainOfModule } from "../../gmp/wasm_format/toolchain.ts";
import { showName } from "../../gmp/types/quote.ts";
import { formatTypes } from "../../gmp/types/signature.ts";
import type { Plugin } from "../extism/plugin.ts";
import { Wasi } from "../wasi/mod.ts";
import { assemblyScriptFunctions } from "./assemblyscript.ts";
import type { CompiledCoreModule } from "./compiled_module.ts";
import { checkImport } from "./host_signatures.ts";
import type { GivenImports } from "./program_imports.ts";
import type { Suspension } from "../component/suspension.ts";
import { suspendable } from "./suspension.ts";
import { OWN_MEMORIES } from "./limit_module.ts";

/** An instance's imports, and what must be bound to it once it is made. */
interface ProvidedImports {
  /** The import object for `WebAssembly.instantiate`. */
  readonly imports: WebAssembly.Imports;
  /** The memory that the module itself imports, if any. */
  readonly memory: WebAssembly.Memory | undefined;
}

/** What else is provided to a module. */
interface Given {
  /** The host of an Extism plug-in. */
  readonly plugin: Plugin | undefined;
  /** What the program provides. */
  readonly imports: GivenImports | undefined;
}

/**
 * Everything that `compiled` imports: WASI preview 1 from `wasi`, AssemblyScript's few runtime functions, those of
 * `plugin`, its `memories`. With `suspension` the functions that may wait are wrapped with
 * `WebAssembly.Suspending`, and the exports must be called through `promisingFunction`.
 *
 * @throws {GhostError} `IMPORT_NOT_FOUND` naming the first unknown import, `UNSUPPORTED_SIGNATURE` for a
 * known one with another signature.
 */
export function provideImports(
  compiled: CompiledCoreModule,
  wasi: Wasi,
  memories: readonly WebAssembly.Memory[],
  memoryOf: () => WebAssembly.Memory | undefined,
  suspension: Suspension | undefined,
  { plugin, imports: given }: Given,
): ProvidedImports {
  // Without prototypes: a module may well import from "__proto__".
  const imports: WebAssembly.Imports = Object.create(null);
  let memory: WebAssembly.Memory | undefined;
  const left = memories.values();
  const env = assemblyScriptFunctions(memoryOf, (text) => wasi.writeError(text));
  for (const one of compiled.description.imports) {
    checkImport(compiled, one);
    let value: WebAssembly.ImportValue | undefined;
    if (one.kind === "function" && WASI_NAMESPACES.has(one.module)) {
      value = wasiFunction(wasi, one.name, suspension);
    } else if (one.kind === "function" && one.module === "env") {
      value = Object.hasOwn(env, one.name) ? env[one.name] : undefined;
    } else if (one.kind === "function" && one.module === EXTISM_NAMESPACE) {
      value = plugin?.import(one.name);
    } else if (one.kind === "memory") {
      value = left.next().value!;
      if (one.module !== OWN_MEMORIES) memory = value as WebAssembly.Memory;
    }
    value ??= given?.for(one, plugin, suspension);
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
  return suspension === undefined || !Wasi.suspending.has(name)
    ? plain as WebAssembly.ImportValue
    : suspendable(plain, suspension);
}

function notProvided(compiled: CompiledCoreModule, one: ImportDescription): GhostError {
  const name = `${showName(one.module)}.${showName(one.name)}`;
  const what = one.kind === "function"
    ? `the function ${name}${formatTypes(one.type)}`
    : `the ${one.kind} ${name}`;
  const toolchain = toolchainOfModule(compiled.description);
  const advice = toolchain === undefined ? "" : `; ${toolchainAdvice(toolchain)}`;
  return new GhostError(
    "IMPORT_NOT_FOUND",
    `Cannot instantiate ${compiled.name}@${compiled.version}: it imports ${what}, which nobody provides${advice}`,
    { details: { module: one.module, name: one.name, kind: one.kind } },
  );
}
