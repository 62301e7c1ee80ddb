import { CLOCK_RESOLUTION, monotonic, nanoseconds, realtime } from "../../host/clock.ts";
import type { Context, Functions } from "../context.ts";
import { ERRNO, fail } from "../../host/errno.ts";
import { CLOCK } from "../flags.ts";

/** The group `clock_` of `wasi_snapshot_preview1.witx`. */
export function clockFunctions({ memory, waits }: Context): Functions {
  const began = performance.now();

  /** A guest has the thread whenever it does not wait, so the time it did not wait is the time it used. */
  const cpuTime = () => nanoseconds(Math.max(0, performance.now() - began - waits.milliseconds));

  const time = (clock: number): bigint => {
    switch (clock) {
      case CLOCK.REALTIME:
        return realtime();
      case CLOCK.MONOTONIC:
        return monotonic();
      case CLOCK.PROCESS_CPUTIME:
      case CLOCK.THREAD_CPUTIME:
        return cpuTime();
      default:
        return fail(ERRNO.INVAL);
    }
  };

  return {
    /** `clock_res_get`: by how many nanoseconds a clock advances. */
    clock_res_get(clock: number, resolution: number): void {
      if (clock > CLOCK.THREAD_CPUTIME) fail(ERRNO.INVAL);
      memory.setUint64(resolution, CLOCK_RESOLUTION);
    },

    /** `clock_time_get`: the time of a clock in nanoseconds. The requested precision makes no difference. */
    clock_time_get(clock: number, _precision: bigint, timestamp: number): void {
      memory.setUint64(timestamp, time(clock));
    },
  };
}
