import { GhostError } from "../../gmp/errors.ts";
import { systemCode } from "../../gmp/system_error.ts";
import { systemFault } from "../../gmp/system_fault.ts";

/** A failure of the store's disk as the error that a user reads: `STORE_FAULT`, else as `systemFault`. */
export function storeFault(action: string, error: unknown): GhostError {
  if (error instanceof GhostError || systemCode(error) !== "ENOENT") {
    return systemFault("STORE_FAULT", action, error);
  }
  // What is to be done is often named by a module, and that is not what is missing.
  const details = { reason: "ENOENT" };
  return new GhostError("STORE_FAULT", `Cannot ${action}: a file of the store is gone`, {
    cause: error,
    details,
  });
}
