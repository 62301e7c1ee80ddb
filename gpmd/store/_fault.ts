import { GhostError } from "../../gmp/errors.ts";
import { systemCode } from "../../gmp/system_error.ts";
import { systemFault } from "../../gmp/system_fault.ts";

/** The error that a user reads for a failure of the store's disk: `STORE_FAULT`, else as `systemFault`. */
export function storeFault(action: string, error: unknown): GhostError {
  if (error instanceof GhostError || systemCode(error) !== "ENOENT") {
    return systemFault("STORE_FAULT", action, error);
  }
  // `action` often names a module, and "it does not exist" would speak of that instead of the file.
  const details = { reason: "ENOENT" };
  return new GhostError("STORE_FAULT", `Cannot ${action}: a file of the store is gone`, {
    cause: error,
    details,
  });
}
