import type { HostInterface } from "../../component/host.ts";
import { type Datetime, toDatetime } from "../components/datetime.ts";
import { CLOCK_RESOLUTION, monotonic, realtime } from "../host/clock.ts";
import { sleep } from "../host/waits.ts";
import type { Pollable } from "./io/pollable.ts";

/** The last instant. */
const END_OF_TIME = 2n ** 64n - 1n;

/** The interfaces of `wasi:clocks` by their names in the package. */
export function clockInterfaces(): Record<string, HostInterface> {
  return { "monotonic-clock": monotonicClock(), "wall-clock": wallClock(), timezone: timezone() };
}

/** The interface `wasi:clocks/monotonic-clock`. */
function monotonicClock(): HostInterface {
  return {
    functions: {
      now: monotonic,
      resolution: (): bigint => CLOCK_RESOLUTION,
      "subscribe-instant": (when: bigint): Pollable => new Deadline(when),
      "subscribe-duration": (duration: bigint): Pollable => {
        const when = monotonic() + duration;
        return new Deadline(when > END_OF_TIME ? END_OF_TIME : when);
      },
    },
  };
}

/** The interface `wasi:clocks/wall-clock`. */
function wallClock(): HostInterface {
  return {
    functions: {
      now: (): Datetime => toDatetime(realtime()),
      resolution: (): Datetime => toDatetime(CLOCK_RESOLUTION),
    },
  };
}

/** The interface `wasi:clocks/timezone`, which is unstable: there is no zone but UTC, as in preview 1. */
function timezone(): HostInterface {
  return {
    functions: {
      display: (_when: Datetime) => ({ utcOffset: 0, name: "UTC", inDaylightSavingTime: false }),
      "utc-offset": (_when: Datetime): number => 0,
    },
  };
}

/** What happens at a time of the monotonic clock. */
class Deadline implements Pollable {
  constructor(readonly when: bigint) {}

  isReady(): boolean {
    return monotonic() >= this.when;
  }

  wait(signal: AbortSignal): Promise<void> {
    return sleep(Math.ceil(Math.max(0, Number(this.when - monotonic()) / 1e6)), signal);
  }
}
