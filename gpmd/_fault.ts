import type { GhostError } from "../gmp/errors.ts";
import { systemFault } from "../gmp/system_fault.ts";

/** A failure of the store's disk as the error that a user reads: `STORE_FAULT`, else as `systemFault`. */
export function storeFault(action: string, error: unknown): GhostError {
  return systemFault("STORE_FAULT", action, error);
}
