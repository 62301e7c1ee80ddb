import { ERRNO, fail } from "../host/errno.ts";
import type { DescriptorTable } from "./descriptors.ts";
import type { GuestMemory } from "./memory.ts";
import type { Waits } from "../host/waits.ts";

/** What the functions of one guest share. */
export interface Context {
  /** Its arguments, each in UTF-8 with a zero byte at the end. */
  readonly args: readonly Uint8Array[];
  /** Its environment, each `name=value` in UTF-8 with a zero byte at the end. */
  readonly environment: readonly Uint8Array[];
  /** Its memory. */
  readonly memory: GuestMemory;
  /** Its descriptors. */
  readonly descriptors: DescriptorTable;
  /** Its waits. */
  readonly waits: Waits;
}

/**
 * Functions by their names in `wasi_snapshot_preview1.witx`, with the parameters that they have there:
 * pointers, sizes and numbers up to 32 bits are numbers, 64 bits are bigints, none negative. A function
 * returns nothing for `success`, or a promise of that if the guest has to wait; it ends with `fail` for any
 * other `errno`.
 */
export type Functions = Record<string, (...args: never[]) => void | Promise<void>>;

/** Fails with `INVAL` if `flags` has bits that are not in `known`. */
export function checkFlags(flags: number, known: number): void {
  if ((flags & ~known) !== 0) fail(ERRNO.INVAL);
}
