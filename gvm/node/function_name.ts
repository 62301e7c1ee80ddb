import { GhostError } from "../../gmp/errors.ts";
import { type ModuleName, parseModuleName } from "../../gmp/names.ts";

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
