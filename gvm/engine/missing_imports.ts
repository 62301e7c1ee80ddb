import { EXTISM_USER_NAMESPACE, isPlugin } from "../../gmp/wasm_format/extism.ts";
import { hostSignature } from "../../gmp/wasm_format/host_signatures.ts";
import type { ComponentSignature, TypeReference } from "../../gmp/types/component_types.ts";
import type { FunctionSignature } from "../../gmp/types/function_signature.ts";
import { checkCallable, type Signature } from "../../gmp/types/signature.ts";
import type { NumberType } from "../../gmp/types/value_types.ts";
import { signatureOf } from "../component/exported_functions.ts";
import { canonicalName } from "../component/interface_names.ts";
import type { CompiledModule } from "./compiled_module.ts";
import { kebabCase, WORLD } from "./program_imports.ts";

/** A function that a module imports, and that nodes do not provide. */
interface MissingImport {
  /** What it is imported from: a module, an interface, or `$root`. */
  readonly module: string;
  /** Its name there. */
  readonly name: string;
  /** What it takes and returns. @throws {GhostError} `UNSUPPORTED_SIGNATURE`. */
  signature(): FunctionSignature;
}

/** The name under which a program provides something. */
interface GivenName {
  readonly module: string;
  readonly name: string;
}

/** What `compiled` imports of what a program provides, each with the name under which it does. */
export function missingImports(
  compiled: CompiledModule,
  given: readonly GivenName[],
): (readonly [missing: MissingImport, given: GivenName])[] {
  const isComponent = compiled.component !== undefined;
  const keyOf = ({ module, name }: GivenName) =>
    isComponent ? `${canonicalName(module)} ${kebabCase(name)}` : `${module} ${name}`;
  const named = new Map(given.map((one) => [keyOf(one), one]));
  const missing = isComponent ? missingOfComponent(compiled) : missingOfCore(compiled);
  return missing.flatMap((one) => {
    const found = named.get(keyOf(one));
    return found === undefined ? [] : [[one, found] as const];
  });
}

function missingOfComponent({ component }: Extract<CompiledModule, { readonly component: object }>) {
  return component.missing.map(({ interface: module = WORLD, name, type }): MissingImport => ({
    module,
    name,
    signature: () => signatureOf(type),
  }));
}

function missingOfCore(
  { description }: Extract<CompiledModule, { readonly component?: undefined }>,
): MissingImport[] {
  const ofPlugin = isPlugin(description);
  return description.imports.flatMap((one) => {
    const { module, name } = one;
    if (one.kind !== "function" || hostSignature(module, name) !== undefined) return [];
    const { type } = one;
    const isBytes = ofPlugin && module === EXTISM_USER_NAMESPACE;
    return [{
      module,
      name,
      signature: () => isBytes ? bytesSignature(name, type) : checkCallable(name, type),
    }];
  });
}

/** In the types of components, with bytes in place of an offset. */
const PLUGIN_TYPES: Readonly<Record<NumberType, TypeReference>> = {
  i32: "s32",
  i64: 0,
  f32: "f32",
  f64: "f64",
};

function bytesSignature(name: string, type: Signature): ComponentSignature {
  const { parameters, results } = checkCallable(name, type);
  return {
    types: [["list", "u8"]],
    parameters: parameters.map((one, i) => [`p${i + 1}`, PLUGIN_TYPES[one]]),
    result: results.length === 0 ? null : PLUGIN_TYPES[results[0]!],
  };
}
