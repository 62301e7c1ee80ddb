import { GhostError } from "../../gmp/errors.ts";

/** Most executor processes of one node: more than a device has room for. */
export const MAX_EXECUTORS = 1024;

/** Returns `count` if a node may have that many executors. @throws {GhostError} `BAD_ARGUMENTS`. */
export function checkExecutors(count: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= MAX_EXECUTORS) return count;
  throw new GhostError(
    "BAD_ARGUMENTS",
    `Cannot use ${count} executors: it is not a whole number from 1 to ${MAX_EXECUTORS}`,
  );
}
