import { GhostError } from "../errors.ts";
import { LONGEST_WHAT } from "../messages/grants.ts";
import { isName, parseModuleName } from "../names.ts";
import { type FunctionName, parseFunctionName } from "../types/function_name.ts";
import { writeName } from "../types/quote.ts";

/** Any run, function and stream. */
export const ANYTHING = "*";

/** What may be granted besides runs and functions. */
export const RIGHTS = ["ship", "modules", "commands", "manage"] as const;

/**
 * Something other than a run or a function: to run modules of one's own (`ship`), to fetch modules by their hash (`modules`),
 * to ask this device's GPMD what it knows (`commands`), and to change it (`manage`).
 */
export type Right = typeof RIGHTS[number];

/** True for something other than runs and functions. */
export function isRight(what: string): what is Right {
  return (RIGHTS as readonly string[]).includes(what);
}

/**
 * What `text` grants, in its one form: `*` (any run and function), `math.*` (any of that module), `math` (running it),
 * `math.add` (one function; a name with other characters is quoted, `math."my name"`), or a {@linkcode Right}. A grant
 * holds for every version of a module. A dot makes it a function: a module that has one in its name, or the name of a
 * right, is run only under `my.module.*` or `*`.
 *
 * @throws {GhostError} `INVALID_NAME`.
 */
export function parseWhat(text: string): string {
  const what = canonical(text);
  // As bytes: all grants together have to fit into a message.
  if (new TextEncoder().encode(what).length <= LONGEST_WHAT) return what;
  throw new GhostError(
    "INVALID_NAME",
    `Cannot grant ${shown(text)}: it is longer than ${LONGEST_WHAT} bytes; grant MODULE.* instead`,
  );
}

function canonical(text: string): string {
  if (text === ANYTHING || isRight(text) || isName(text) && !text.includes(".")) return text;
  if (text.endsWith(".*") && isName(text.slice(0, -2))) return text;
  // `math.a*` would look like a pattern; a name with a star is quoted.
  const named = /^[^"'#]*\*/.test(text) && !/@/.test(text) ? undefined : functionIn(text);
  if (named === undefined) {
    throw new GhostError(
      "INVALID_NAME",
      `Cannot grant ${shown(text)}: it is neither *, MODULE.*, MODULE, MODULE.FUNCTION, nor one of ` +
        RIGHTS.join(", "),
    );
  }
  if (named.version !== undefined || named.hash !== undefined) {
    throw new GhostError(
      "INVALID_NAME",
      `Cannot grant ${shown(text)}: a grant holds for every version of a module, so it names none`,
    );
  }
  return `${named.module}.${writeName(named.function)}`;
}

function functionIn(text: string): FunctionName | undefined {
  try {
    // `math@v1.0.0`, `math@v1.0.0.*` and `math@sha256:…` have a version or a hash, and no function.
    const isModule = /@(?:v?\d+\.\d+\.\d+(?:-[a-z0-9.-]+)?|sha256:[^.]*)$/.test(text.replace(/\.\*$/, ""));
    return isModule
      ? { ...parseModuleName(text.replace(/\.\*$/, "")), function: "" }
      : parseFunctionName(text);
  } catch (error) {
    if (error instanceof GhostError) return undefined;
    throw error;
  }
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

/** The grants that allow function `name` of `module`, the narrowest first. */
export function functionGrants(module: string, name: string): string[] {
  return [`${module}.${writeName(name)}`, `${module}.*`, ANYTHING];
}

/** The grants that allow running `module`, the narrowest first. */
export function runGrants(module: string): string[] {
  const isPlain = !module.includes(".") && !isRight(module);
  return [...isPlain ? [module] : [], `${module}.*`, ANYTHING];
}
