import { showName } from "../../gmp/types/quote.ts";
import type { CoreInstance, CoreSort } from "../../gmp/wasm_format/component/component_reader.ts";
import type { CompiledCore } from "./entities.ts";
import { invalid, type Scope } from "./scope.ts";

/** Makes the own memories of an instance of a core module, which count from then on. */
export type MakeMemories = (core: CompiledCore) => WebAssembly.Memory[];

/** The kinds of what a core instance exports, as JavaScript has them. */
const KINDS = {
  "core func": Function,
  "core table": WebAssembly.Table,
  "core memory": WebAssembly.Memory,
  "core global": WebAssembly.Global,
} as const;

/** Makes a core instance, of a core module or of definitions; its start function runs. */
export function instantiateCore(
  scope: Scope,
  definition: CoreInstance,
  makeMemories: MakeMemories,
): Readonly<Record<string, WebAssembly.ExportValue>> {
  if (definition.from === "module") {
    const core = scope.get("core module", definition.module) as CompiledCore;
    const imports = importsOf(scope, core, definition.arguments, makeMemories(core));
    return new WebAssembly.Instance(core.module, imports).exports;
  }
  const exports: Record<string, WebAssembly.ExportValue> = Object.create(null);
  for (const { name, sort, index } of definition.exports) {
    exports[name] = scope.get(sort, index) as WebAssembly.ExportValue;
  }
  return exports;
}

function importsOf(
  scope: Scope,
  core: CompiledCore,
  given: Extract<CoreInstance, { from: "module" }>["arguments"],
  memories: WebAssembly.Memory[],
): WebAssembly.Imports {
  const instances = new Map(given.map(({ name, instance }) => [name, scope.get("core instance", instance)]));
  // Without prototypes: a module may well import from "__proto__".
  const imports: Record<string, WebAssembly.ModuleImports> = Object.create(null);
  const ownAt = core.imports.length - memories.length;
  core.imports.forEach(({ module, name, kind }, index) => {
    const value = index >= ownAt ? memories[index - ownAt] : instances.get(module)?.[name];
    if (value === undefined) {
      invalid(
        `a core module imports the ${kind} ${showName(module)}.${showName(name)}, which it is not given`,
      );
    }
    (imports[module] ??= Object.create(null) as WebAssembly.ModuleImports)[name] =
      value as WebAssembly.ImportValue;
  });
  return imports;
}

/** The export `name` of a core instance. @throws {GhostError} `NOT_A_MODULE` if it has none of that sort. */
export function coreExport(
  exports: Readonly<Record<string, WebAssembly.ExportValue>>,
  name: string,
  sort: CoreSort,
): WebAssembly.ExportValue {
  const value = exports[name];
  const kind = (KINDS as Partial<Record<CoreSort, unknown>>)[sort] as (abstract new () => object) | undefined;
  const fits = value !== undefined && (kind === undefined || value instanceof kind || sort === "core func");
  return fits ? value : invalid(`a core instance exports no ${sort} ${showName(name)}`);
}
