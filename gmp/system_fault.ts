import { type ErrorCode, GhostError } from "./errors.ts";
import { isExhausted, systemCode, systemReason } from "./system_error.ts";

/**
 * The error that a user reads when the operating system or Deno refuses something: `Cannot ${action}: ` and why, in
 * words, with the system's code as `details.reason`. Its code is `code`, or `RESOURCE_EXHAUSTED`, which may be tried
 * again, when the system has no room left. A {@linkcode GhostError} is returned as it is.
 */
export function systemFault(code: ErrorCode, action: string, error: unknown): GhostError {
  if (error instanceof GhostError) return error;
  const reason = systemCode(error);
  return new GhostError(
    isExhausted(error) ? "RESOURCE_EXHAUSTED" : code,
    `Cannot ${action}: ${systemReason(error)}`,
    { cause: error, ...(reason === undefined ? {} : { details: { reason } }) },
  );
}

/**
 * The error that a user reads when one of our processes does not start; `error` is why, `what` the process and
 * `program` what runs in it. `BAD_ARGUMENTS` if the program is missing or may not be run, or `RESOURCE_EXHAUSTED`.
 */
export function cannotSpawn(what: string, error: unknown, program = "deno"): GhostError {
  if (!(error instanceof Deno.errors.NotFound)) return systemFault("BAD_ARGUMENTS", `start ${what}`, error);
  const message = `Cannot start ${what}: there is no program "${program}" on the PATH`;
  return new GhostError("BAD_ARGUMENTS", message, { cause: error });
}
