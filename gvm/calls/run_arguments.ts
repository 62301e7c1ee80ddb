import { GhostError } from "../../gmp/errors.ts";
import { showValue } from "../../gmp/types/misfit.ts";
import { quoteBriefly } from "../../gmp/types/quote.ts";

/**
 * Most bytes of a run's arguments and variables together: they travel in one REQUEST of 256 KiB, along with
 * some names.
 */
const ARGUMENT_BYTES_LIMIT = 245_760;
/** Most bytes that each costs beyond its UTF-8. */
const OVERHEAD = 5;

/** @throws {GhostError} `BAD_ARGUMENTS` when `argv` and `env` have too many bytes for a run. */
export function checkRunArguments(
  module: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): void {
  const texts = [...argv, ...Object.entries(env).flat()];
  const size = texts.reduce((sum, text) => sum + utf8Length(text) + OVERHEAD, 0);
  if (size <= ARGUMENT_BYTES_LIMIT) return;
  throw new GhostError(
    "BAD_ARGUMENTS",
    `Cannot run ${module}: its arguments and variables are ${size} bytes, above the limit of ${ARGUMENT_BYTES_LIMIT} bytes`,
    { details: { size, limit: ARGUMENT_BYTES_LIMIT } },
  );
}

/**
 * @throws {GhostError} `BAD_ARGUMENTS` for arguments or variables that are no texts; half of a character would arrive as another
 * one.
 */
export function checkRunTexts(
  module: string,
  argv: readonly unknown[],
  env: Readonly<Record<string, unknown>> = {},
): void {
  const refuse = (what: string, value: unknown, expected: string) => {
    const message = `Cannot run ${module}: ${what} is ${showValue(value)}, not ${expected}`;
    throw new GhostError("BAD_ARGUMENTS", message);
  };
  const check = (what: string, value: unknown) => {
    if (typeof value !== "string") refuse(what, value, "a string");
    else if (!value.isWellFormed()) refuse(what, value, "a string of whole characters");
  };
  if (!Array.isArray(argv)) return refuse("what should be its arguments", argv, "an array of strings");
  for (const [index, value] of argv.entries()) check(`argument ${index + 1}`, value);
  for (const [name, value] of Object.entries(env)) {
    check("the name of a variable", name);
    check(`variable ${quoteBriefly(name)}`, value);
  }
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
