import { GhostError } from "../../gmp/errors.ts";

/** Bytes of a run's arguments and variables together: they travel in one REQUEST of 256 KiB, with some names beside them. */
const ARGUMENT_BYTES_LIMIT = 245_760;
/** What each costs beyond its UTF-8, at most. */
const OVERHEAD = 5;

/** @throws {GhostError} `BAD_ARGUMENTS` when `argv` and `env` have more bytes than a run can be given. */
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
