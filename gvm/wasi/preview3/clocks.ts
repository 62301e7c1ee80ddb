import type { HostInterface } from "../../component/host.ts";
import type { Context } from "../components/context.ts";
import { toDatetime } from "../components/datetime.ts";
import { CLOCK_RESOLUTION, monotonic, realtime } from "../host/clock.ts";
import { sleep } from "../host/waits.ts";

/** The interfaces of `wasi:clocks` by their names in the package. */
export function clockInterfaces({ waits }: Context): Record<string, HostInterface> {
  const until = (when: bigint): Promise<void> | undefined => {
    if (when <= monotonic()) return undefined;
    return waits.run(async (signal) => {
      for (let left = when - monotonic(); left > 0n; left = when - monotonic()) {
        await sleep(Math.ceil(Number(left) / 1e6), signal);
      }
    });
  };
  return {
    "monotonic-clock": {
      functions: {
        now: monotonic,
        "get-resolution": (): bigint => CLOCK_RESOLUTION,
        "wait-until": until,
        "wait-for": (duration: bigint): Promise<void> | undefined => until(monotonic() + duration),
      },
      waits: new Set(["wait-until", "wait-for"]),
    },
    "system-clock": {
      functions: { now: () => toDatetime(realtime()), "get-resolution": (): bigint => CLOCK_RESOLUTION },
    },
    // Unstable: there is no zone but UTC, as in preview 1.
    timezone: {
      functions: {
        "iana-id": (): string => "Etc/UTC",
        "utc-offset": (): bigint => 0n,
        "to-debug-string": (): string => "UTC",
      },
    },
    types: { functions: {} },
  };
}
