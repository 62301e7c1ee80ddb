import { checkName } from "../../gmp/names.ts";

/** The module and the version that `NAME[@VERSION]` names. @throws {GhostError} `INVALID_NAME`. */
export function parseModuleName(text: string): { name: string; version: string | undefined } {
  const at = text.indexOf("@");
  if (at < 0) return { name: checkName(text, "module name"), version: undefined };
  return {
    name: checkName(text.slice(0, at), "module name"),
    version: checkName(text.slice(at + 1), "version"),
  };
}

/** Name and version from a path such as `build/math-v0.0.1.wasm`; `undefined` where they do not show. */
export function inferModuleName(path: string): { name: string; version: string } | undefined {
  const base = path.split(/[\\/]/).at(-1)!;
  const match = /^(.+?)-(v\d.*|\d+\.\d.*)\.wasm$/.exec(base);
  return match === null ? undefined : { name: match[1]!, version: match[2]! };
}
