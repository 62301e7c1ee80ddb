import type { ModuleDescription } from "../../gmp/wasm_format/module_description.ts";
import { appended, applyPatches, encodeName, encodeUnsigned, whole } from "./module_patches.ts";

const EXPORT_SECTION = 7;
const START_SECTION = 8;

/** A module whose start function is an export. */
interface StartExport {
  /** The module, unchanged if it has no start function. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The name of the export, if it has a start function. */
  readonly name: string | undefined;
}

/**
 * The module with its start function exported under an unused name instead of being started: whoever makes
 * the instance calls it right afterwards. The engine would call it before WASI can see an exported memory,
 * and would not let it wait, nor let us tell it apart from instantiation. `module` is `readModule`'s
 * description of `bytes`.
 */
export function exportStart(bytes: Uint8Array<ArrayBuffer>, module: ModuleDescription): StartExport {
  const section = module.sections.find(({ id }) => id === START_SECTION);
  if (module.start === undefined || section === undefined) return { bytes, name: undefined };
  const name = freeName(module);
  const entry = [...encodeName(name), 0, ...encodeUnsigned(module.start)];
  const exports = module.sections.find(({ id }) => id === EXPORT_SECTION);
  const patches = exports === undefined
    // The start section is where an export section would be.
    ? [whole(section, [EXPORT_SECTION, ...encodeUnsigned(entry.length + 1), 1, ...entry])]
    : [...appended(bytes, exports, module.exports.length + 1, entry), whole(section, [])];
  return { bytes: applyPatches(bytes, module.sections, patches), name };
}

function freeName({ exports }: ModuleDescription): string {
  const names = new Set(exports.map(({ name }) => name));
  let name = "start function";
  for (let number = 2; names.has(name); number++) name = `start function ${number}`;
  return name;
}
