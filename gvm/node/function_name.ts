import { GhostError } from "../../gmp/errors.ts";
import { checkName } from "../../gmp/names.ts";

/** A module as it is named: `math`, `math@v0.0.1`. */
export interface ModuleName {
  /** The module. */
  readonly module: string;
  /** Its version, the latest when there is none. */
  readonly version: string | undefined;
}

/** A function as it is named: `math.add`, `math@v0.0.1.add`. */
export interface FunctionName extends ModuleName {
  /** The exported name. */
  readonly function: string;
}

/**
 * Takes `text` apart: what follows the last dot is the function, what follows `@` before it the version. An exported name
 * with dots is given after a `#` instead: `math#my.name`.
 *
 * @throws {GhostError} `INVALID_NAME`.
 */
export function parseFunctionName(text: string): FunctionName {
  const hash = text.indexOf("#");
  const dot = hash >= 0 ? hash : text.lastIndexOf(".");
  if (dot < 0 || dot === text.length - 1) {
    throw new GhostError("INVALID_NAME", `Cannot call "${text}": it is not of the form module.function`);
  }
  return { ...parseModuleName(text.slice(0, dot)), function: text.slice(dot + 1) };
}

/** Takes `math` or `math@v0.0.1` apart. @throws {GhostError} `INVALID_NAME`. */
export function parseModuleName(text: string): ModuleName {
  const at = text.indexOf("@");
  return {
    module: checkName(at < 0 ? text : text.slice(0, at), "module name"),
    version: at < 0 ? undefined : checkName(text.slice(at + 1), "version"),
  };
}
