/** The two of JavaScript's clocks are brought together again when they differ by more than this, in milliseconds. */
const GREATEST_DRIFT = 2;

/** What to add to `performance.now()` for milliseconds since 1970. */
let epoch = performance.timeOrigin;

/**
 * Nanoseconds since 1970. `Date.now()` follows corrections of the system's clock but counts whole milliseconds;
 * `performance.now()` is fine but counts from when the process began. This has the first's time and the second's grain.
 */
export function realtime(): bigint {
  const drift = Date.now() - (epoch + performance.now());
  if (Math.abs(drift) > GREATEST_DRIFT) epoch += drift;
  return nanoseconds(epoch + performance.now());
}

/** Nanoseconds since some moment in the past, never going back. */
export function monotonic(): bigint {
  return nanoseconds(performance.now());
}

/** `milliseconds`, which may have a fraction, in whole nanoseconds. */
export function nanoseconds(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * 1e6));
}

/** Nanoseconds that the clocks advance by: what `performance.now()` tells apart. */
export const CLOCK_RESOLUTION = 1000n;
