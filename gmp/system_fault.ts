import { type ErrorCode, GhostError } from "./errors.ts";
import { isExhausted, systemCode, systemReason } from "./system_error.ts";

/**
 * What the operating system or Deno refused, as the error that a user reads: `Cannot ${action}: ` and why, in words, with the
 * system's code as `details.reason`. Its code is `code`, or `RESOURCE_EXHAUSTED`, which may be tried again, where the system
 * has no room left. A {@linkcode GhostError} is returned as it is.
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
 * What `error`, which the start of a process of ours threw, is for a user; `what` is the process and `program` what runs in
 * it. `BAD_ARGUMENTS` where there is no such program or it may not be run, `RESOURCE_EXHAUSTED`.
 */
export function cannotSpawn(what: string, error: unknown, program = "deno"): GhostError {
  if (!(error instanceof Deno.errors.NotFound)) return systemFault("BAD_ARGUMENTS", `start ${what}`, error);
  const message = `Cannot start ${what}: there is no program "${program}" on the PATH`;
  return new GhostError("BAD_ARGUMENTS", message, { cause: error });
}

/**
 * What the end of a process of ours before it served is for a user; `error` has what it wrote to standard error. It is a fault
 * of ours, `INTERNAL`, unless the system had no room for it.
 */
export function endedEarly(what: string, error: unknown): GhostError {
  if (isExhausted(error)) return systemFault("INTERNAL", `start ${what}`, error);
  const reason = error instanceof Error ? error.message : String(error);
  return new GhostError("INTERNAL", `Cannot start ${what}: ${reason}`, { cause: error });
}
