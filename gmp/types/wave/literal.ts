import { didYouMean } from "../../nearest.ts";
import { quoteBriefly } from "../quote.ts";

const INTEGER =
  /^(-?)(0x[\da-f]+(?:_[\da-f]+)*|0b[01]+(?:_[01]+)*|0o[0-7]+(?:_[0-7]+)*|0|[1-9]\d*(?:_\d+)*)(n?)$/i;
const DECIMAL =
  /^-?(?:(?:0|[1-9]\d*(?:_\d+)*)(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i;

const CONSTANTS: ReadonlyMap<string, number | boolean> = new Map<string, number | boolean>([
  ["true", true],
  ["false", false],
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

/**
 * The value of an unquoted argument, or undefined if `word` is not one: `7`, `-0x1f`, `0b11`, `0o17`,
 * `1_000`, `-2.5e3`, `5n`, `NaN`, `-Infinity`, `true`. An integer beyond the safe range becomes a bigint,
 * without loss; a decimal fraction too large for a double does not become infinite.
 */
export function readLiteral(word: string): number | bigint | boolean | undefined {
  const constant = CONSTANTS.get(word);
  if (constant !== undefined) return constant;
  const integer = INTEGER.exec(word);
  if (integer) {
    const [, minus, digits = "", suffix] = integer;
    const magnitude = BigInt(digits.replaceAll("_", ""));
    if (suffix || magnitude > BigInt(Number.MAX_SAFE_INTEGER)) return minus ? -magnitude : magnitude;
    return minus ? -Number(magnitude) : Number(magnitude); // -0 stays what it is
  }
  if (!DECIMAL.test(word)) return undefined;
  const value = Number(word.replaceAll("_", ""));
  return Number.isFinite(value) ? value : undefined;
}

/** Why {@linkcode readLiteral} rejects `word`, and what to write instead. */
export function literalMistake(word: string): string {
  const shown = quoteBriefly(word);
  if (DECIMAL.test(word)) return `${shown} is larger than any number; write inf if that is meant`;
  if (/^-?0\d/.test(word)) return `${shown} has a leading zero; octal numbers are written 0o17`;
  if (/^[-+.]?\d/.test(word)) return `${shown} is not a number`;
  const suggestion = didYouMean(word, [...CONSTANTS.keys()]);
  return suggestion ? `${shown} is not an argument${suggestion}` : `text must be in quotes: ${shown}`;
}
