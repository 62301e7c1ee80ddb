const NANOSECONDS = 1_000_000_000n;

/** The record `wasi:clocks/wall-clock.datetime` of 0.2, and `wasi:clocks/system-clock.instant` of 0.3. */
export interface Datetime {
  /** Seconds since 1970. */
  readonly seconds: bigint;
  /** The nanoseconds of the second. */
  readonly nanoseconds: number;
}

/** `time`, in nanoseconds since 1970, as a date. */
export function toDatetime(time: bigint): Datetime {
  return { seconds: time / NANOSECONDS, nanoseconds: Number(time % NANOSECONDS) };
}

/** `date` in nanoseconds since 1970. */
export function fromDatetime({ seconds, nanoseconds }: Datetime): bigint {
  return seconds * NANOSECONDS + BigInt(nanoseconds);
}
