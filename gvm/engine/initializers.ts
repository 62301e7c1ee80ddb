import { isPlugin } from "../../gmp/wasm_format/extism.ts";
import { isSameSignature, type Signature } from "../../gmp/types/signature.ts";
import { ENTRY_SIGNATURE } from "../../gmp/wasm_format/host_signatures.ts";
import type { CompiledCoreModule, CompiledModule } from "./compiled_module.ts";
import { hasEntry } from "./host_signatures.ts";

/** An export that is called before any other, and its arguments. */
export type Initializer = readonly [name: string, args: readonly number[]];

const HASKELL_SIGNATURE: Signature = { parameters: ["i32", "i32"], results: [] };

/**
 * What initializes an instance of `compiled`: `_initialize` (WASI, "reactor"); in an Extism plug-in also `hs_init` of
 * Haskell's runtime, or `__wasm_call_ctors` alone (extism, runtime/src/plugin.rs, "detect_guest_runtime").
 *
 * @throws {GhostError} `UNSUPPORTED_SIGNATURE` when `_initialize` has another signature.
 */
export function initializersOf(compiled: CompiledModule): Initializer[] {
  if (compiled.component !== undefined) return [];
  const initialize: Initializer[] = hasEntry(compiled, "_initialize") ? [["_initialize", []]] : [];
  if (!isPlugin(compiled.description)) return initialize;
  if (exportsFunction(compiled, "hs_init", HASKELL_SIGNATURE)) return [...initialize, ["hs_init", [0, 0]]];
  return exportsFunction(compiled, "__wasm_call_ctors", ENTRY_SIGNATURE)
    ? [["__wasm_call_ctors", []]]
    : initialize;
}

function exportsFunction({ description }: CompiledCoreModule, name: string, signature: Signature): boolean {
  return description.exports.some((one) =>
    one.name === name && one.kind === "function" && isSameSignature(one.type, signature)
  );
}
