import { GhostError } from "../errors.ts";
import { checkModuleName, type ModuleName, parseModuleName, writeModuleName } from "../names.ts";
import { readQuoted, writeName } from "./quote.ts";

/** A function's name: `math.add`, `math@v0.0.1.add`, `math@sha256:….add`. */
export interface FunctionName extends ModuleName {
  /** The exported name, which may be any text. */
  readonly function: string;
}

/** A function's name as a program writes it, perhaps with the expected signature. */
export interface FunctionDeclaration {
  /** The function. */
  readonly name: FunctionName;
  /** Its name as it was written. */
  readonly written: string;
  /** The signature behind it, as in `math.add(i32, i32) -> i32`, if there is one. */
  readonly declared: string | undefined;
}

/** An exported name in quotes, and where it is. */
interface QuotedPart {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Matches up to an exported name in quotes: the first dot before a quote. Modules and versions have no quotes. */
const QUOTED = /^[^"'#]*?\.(?=["'])/;

/**
 * Parses `text`: the function follows the last dot, the version an `@` before it. An exported name with other
 * characters is written in quotes, as at the prompt, `math."my.name"`, or as it is after a `#`: `math#my.name`.
 *
 * @throws {GhostError} `INVALID_NAME`.
 */
export function parseFunctionName(text: string): FunctionName {
  return read(text, quotedPart(text));
}

/** Parses `"math.add(i32, i32) -> i32"`; see {@linkcode parseFunctionName}. @throws {GhostError} `INVALID_NAME`. */
export function parseDeclaration(text: string): FunctionDeclaration {
  const quoted = quotedPart(text);
  const open = text.indexOf("(", quoted?.end ?? 0);
  const written = open < 0 ? text : text.slice(0, open);
  return { name: read(written, quoted), written, declared: open < 0 ? undefined : text.slice(open) };
}

/** `name` with its version as it is stored. @throws {GhostError} `INVALID_NAME`. */
export function checkFunctionName(name: FunctionName): FunctionName {
  return { ...checkModuleName(name), function: name.function };
}

/** The one text for `name`, which has been checked: {@linkcode parseFunctionName} parses it back. */
export function writeFunctionName(name: FunctionName): string {
  return `${writeModuleName(name)}.${writeName(name.function)}`;
}

function read(text: string, quoted: QuotedPart | undefined): FunctionName {
  if (quoted !== undefined && quoted.end === text.length) {
    return { ...parseModuleName(text.slice(0, quoted.start - 1)), function: quoted.value };
  }
  const hash = text.indexOf("#");
  const dot = hash >= 0 ? hash : text.lastIndexOf(".");
  // After a "#", an empty name is valid, too: modules may export it.
  if (quoted !== undefined || dot < 0 || hash < 0 && dot === text.length - 1) {
    throw new GhostError("INVALID_NAME", `Cannot call "${text}": it is not of the form module.function`);
  }
  return { ...parseModuleName(text.slice(0, dot)), function: text.slice(dot + 1) };
}

/**
 * The exported name in quotes, if `text` has one.
 *
 * @throws {GhostError} `INVALID_NAME` for quotes that cannot be read.
 */
function quotedPart(text: string): QuotedPart | undefined {
  const start = QUOTED.exec(text)?.[0].length;
  if (start === undefined) return undefined;
  const found = readQuoted(text, start);
  if ("value" in found) return { start, ...found };
  throw new GhostError("INVALID_NAME", `Cannot call ${text}: ${found.mistake}`);
}
