import { GhostError } from "../gmp/errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk of the store is full",
  EDQUOT: "the user's share of the disk is used up",
  EROFS: "the store is read-only",
};

/** The code that the operating system gave an error, such as `"ENOSPC"`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/**
 * A failure of the store's disk as the error that a user reads: `STORE_FAULT`, `Cannot ${action}: ${reason}`, the system's
 * code as `details.reason`. A {@linkcode GhostError} is returned as it is.
 */
export function storeFault(action: string, error: unknown): GhostError {
  if (error instanceof GhostError) return error;
  const reason = systemCode(error);
  const message = error instanceof Error ? error.message : String(error);
  return new GhostError("STORE_FAULT", `Cannot ${action}: ${REASONS[reason ?? ""] ?? message}`, {
    cause: error,
    ...(reason === undefined ? {} : { details: { reason } }),
  });
}
