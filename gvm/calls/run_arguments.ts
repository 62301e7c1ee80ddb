import { GhostError } from "../../gmp/errors.ts";

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

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
