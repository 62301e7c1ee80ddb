/** The least and the greatest value of a limit. */
interface LimitRange {
  /** The least. */
  readonly least: number;
  /** The greatest. */
  readonly greatest: number;
}

/** Milliseconds that a call may be given: a JavaScript timer waits no longer than 24 days. */
export const TIME_RANGE: LimitRange = { least: 1, greatest: 2 ** 31 - 1 };

/** Bytes of memory that a caller may be given: from one WebAssembly page to 16 GiB, as V8 takes no larger 64-bit memory. */
export const MEMORY_RANGE: LimitRange = { least: 2 ** 16, greatest: 2 ** 34 };
