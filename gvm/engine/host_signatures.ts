import { GhostError } from "../../gmp/errors.ts";
import type { ExternalType, ImportDescription } from "../../gmp/wasm_format/module_description.ts";
import { formatSignature, formatTypes, isSameSignature, type Signature } from "../../gmp/types/signature.ts";
import { showName } from "../../gmp/types/quote.ts";
import { ENTRY_SIGNATURE, hostSignature } from "../../gmp/wasm_format/host_signatures.ts";
import type { CompiledCoreModule } from "./compiled_module.ts";

/**
 * Refuses an import that has the name of a provided function but not its signature: JavaScript would convert
 * the arguments, or fail in the middle of a run.
 *
 * @throws {GhostError} `UNSUPPORTED_SIGNATURE` naming both signatures.
 */
export function checkImport(compiled: CompiledCoreModule, one: ImportDescription): void {
  const provided = hostSignature(one.module, one.name);
  if (provided === undefined || fits(one, provided)) return;
  throw unsupported(
    `Cannot instantiate ${compiled.name}@${compiled.version}: it imports ${
      describe(`${showName(one.module)}.${showName(one.name)}`, one)
    }, and what is provided is ${formatSignature(one.name, provided)}`,
    { module: one.module, name: one.name, kind: one.kind },
  );
}

/**
 * Whether `compiled` exports the entry point `name`.
 *
 * @throws {GhostError} `UNSUPPORTED_SIGNATURE` when that is anything but a function without parameters and
 * results.
 */
export function hasEntry(compiled: CompiledCoreModule, name: "_start" | "_initialize"): boolean {
  const found = compiled.description.exports.find((one) => one.name === name);
  if (found === undefined) return false;
  if (fits(found, ENTRY_SIGNATURE)) return true;
  throw unsupported(
    `Cannot run ${compiled.name}@${compiled.version}: it exports ${
      describe(name, found)
    }, and what is run is ${formatSignature(name, ENTRY_SIGNATURE)}`,
    { name, kind: found.kind },
  );
}

function fits(one: ExternalType, signature: Signature): boolean {
  return one.kind === "function" && isSameSignature(one.type, signature);
}

/** `one`, with a name that is safe to print. */
function describe(name: string, one: ExternalType): string {
  if (one.kind === "function") return `${name}${formatTypes(one.type)}`;
  return `${name} (${one.kind === "global" ? `global ${one.type.type}` : one.kind})`;
}

function unsupported(message: string, details: Record<string, unknown>): GhostError {
  return new GhostError("UNSUPPORTED_SIGNATURE", message, { details });
}
