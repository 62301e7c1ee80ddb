import { GhostError } from "../../gmp/errors.ts";
import { type ModuleName, parseModuleName } from "../../gmp/names.ts";
import { readQuoted } from "../../gmp/types/quote.ts";

/** A function as it is named: `math.add`, `math@v0.0.1.add`. */
interface FunctionName extends ModuleName {
  /** The exported name. */
  readonly function: string;
}

/** Where an exported name in quotes begins: behind the first dot that a quote follows. No module and no version has one. */
const QUOTED = /^[^"'#]*?\.(?=["'])/;

/**
 * Takes `text` apart: what follows the last dot is the function, what follows `@` before it the version. An exported name
 * of other characters is given in quotes, as at the prompt, `math."my.name"`, or as it is after a `#`: `math#my.name`.
 *
 * @throws {GhostError} `INVALID_NAME`.
 */
export function parseFunctionName(text: string): FunctionName {
  const quoted = quotedPart(text);
  if (quoted !== undefined && quoted.end === text.length) {
    return { ...parseModuleName(text.slice(0, quoted.start - 1)), function: quoted.value };
  }
  const hash = text.indexOf("#");
  const dot = hash >= 0 ? hash : text.lastIndexOf(".");
  // After a "#" nothing at all is a name, too: modules may export it.
  if (quoted !== undefined || dot < 0 || hash < 0 && dot === text.length - 1) {
    throw new GhostError("INVALID_NAME", `Cannot call "${text}": it is not of the form module.function`);
  }
  return { ...parseModuleName(text.slice(0, dot)), function: text.slice(dot + 1) };
}

/** Where the function's name ends in `text`, behind which its signature may stand. */
export function endOfName(text: string): number {
  const open = text.indexOf("(", quotedPart(text)?.end ?? 0);
  return open < 0 ? text.length : open;
}

/** The exported name in quotes, if `text` has one. @throws {GhostError} `INVALID_NAME` for quotes that cannot be read. */
function quotedPart(text: string): { value: string; start: number; end: number } | undefined {
  const start = QUOTED.exec(text)?.[0].length;
  if (start === undefined) return undefined;
  const found = readQuoted(text, start);
  if ("value" in found) return { start, ...found };
  throw new GhostError("INVALID_NAME", `Cannot call ${text}: ${found.mistake}`);
}
