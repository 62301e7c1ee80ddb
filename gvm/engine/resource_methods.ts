import type { ComponentSignature } from "../../gmp/types/component_types.ts";
import { labelOf, namesToCall } from "../../gmp/wasm_format/component/function_names.ts";
import type { CompiledModule } from "./compiled_module.ts";

/** Most methods that are named to a caller with one function; the largest resource of WASI 0.2 has 31. */
const MAX_METHODS = 1000;

/** The names by which the methods of the resources in a signature are called: `counter.next`. */
export function resourceMethods({ component }: CompiledModule, { types }: ComponentSignature): string[] {
  if (component === undefined) return [];
  const resources = new Set(
    types.flatMap((node) => node[0] === "own" || node[0] === "borrow" ? [node[1]] : []),
  );
  if (resources.size === 0) return [];
  const { functions } = component;
  const names = namesToCall(functions);
  const methods = names.filter((_, index) => {
    const { name } = functions[index]!;
    return name.startsWith("[method]") && resources.has(labelOf(name).split(".")[0]!);
  });
  return methods.slice(0, MAX_METHODS);
}
