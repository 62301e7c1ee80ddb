/** JavaScript's two clocks are realigned when they differ by more than this, in milliseconds. */
const GREATEST_DRIFT = 2;

/** Added to `performance.now()`, gives milliseconds since 1970. */
let epoch = performance.timeOrigin;

/**
 * Nanoseconds since 1970. `Date.now()` follows corrections of the system clock but counts whole milliseconds;
 * `performance.now()` is finer but counts from the start of the process. This combines the time of the first
 * with the resolution of the second.
 */
export function realtime(): bigint {
  if (Math.abs(Date.now() - (epoch + performance.now())) > GREATEST_DRIFT) realign();
  return nanoseconds(epoch + performance.now());
}

/** Sets the epoch anew if the clocks differ indeed: between two looks the system may have run another process for a while. */
function realign(): void {
  let before: number, date: number, after: number;
  do {
    before = performance.now();
    date = Date.now();
    after = performance.now();
  } while (after - before > 1);
  if (Math.abs(date - (epoch + after)) > GREATEST_DRIFT) epoch = date - after;
}

/** Nanoseconds since some moment in the past, never going back. */
export function monotonic(): bigint {
  return nanoseconds(performance.now());
}

/** `milliseconds`, which may have a fraction, in whole nanoseconds. */
export function nanoseconds(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds * 1e6));
}

const LAST_MOMENT = 2n ** 64n - 1n;

/**
 * A file's `time`, in nanoseconds since 1970, as a guest is told it: WASI's have no sign, and 64 bits, so that what is earlier
 * or later is the first or the last moment they have.
 */
export function timestamp(time: bigint): bigint {
  if (time < 0n) return 0n;
  return time > LAST_MOMENT ? LAST_MOMENT : time;
}

/** Resolution of the clocks in nanoseconds: that of `performance.now()`. */
export const CLOCK_RESOLUTION = 1000n;
