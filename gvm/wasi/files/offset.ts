import { ERRNO, fail } from "../host/errno.ts";

/**
 * A `filesize` as a number. Fails with `INVAL` if that would be inexact, at sizes that no file comes near.
 */
export function toSafeInteger(size: bigint): number {
  if (size > Number.MAX_SAFE_INTEGER) fail(ERRNO.INVAL);
  return Number(size);
}
