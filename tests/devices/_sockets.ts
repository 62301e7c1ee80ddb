/** That nothing but the links has a socket of another network than loopback, at any time. */
import { assertEquals } from "@std/assert";
import { pause } from "../../gmp/async/pause.ts";
import type { NetworkDevice } from "./_device.ts";

/** Milliseconds between two looks. */
const LOOK_TIME = 500;

/** Looks at the sockets of `devices` again and again until it is disposed of, and fails then. */
export function watchSockets(...devices: NetworkDevice[]): AsyncDisposable {
  const end = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    do {
      for (const device of devices) seen.push(...await device.socketsBeyondLoopback());
      await pause(LOOK_TIME, end.signal);
    } while (!end.signal.aborted);
  })();
  return {
    async [Symbol.asyncDispose]() {
      end.abort();
      await watching;
      assertEquals(seen, []);
    },
  };
}
