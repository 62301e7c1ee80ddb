import { assert, assertEquals } from "@std/assert";
import { ERRNO } from "../../../../../gvm/wasi/host/errno.ts";
import { CLOCK } from "../../../../../gvm/wasi/preview1/flags.ts";
import { InputQueue } from "../../../../../gvm/wasi/mod.ts";
import { Host } from "../../_host.ts";

function time(host: Host, clock: number): bigint {
  const pointer = host.allocate(8);
  host.ok("clock_time_get", clock, 0n, pointer);
  return host.u64(pointer);
}

Deno.test("the realtime clock has the time of the machine", () => {
  const before = BigInt(Date.now()) * 1_000_000n;
  const now = time(new Host(), CLOCK.REALTIME);
  assert(now > before - 5_000_000n && now < before + 1_000_000_000n, `${now - before}`);
});

Deno.test("every clock goes on, never back, and in steps of about its resolution", () => {
  const host = new Host();
  for (const clock of Object.values(CLOCK)) {
    let last = time(host, clock);
    let smallest = 2n ** 63n;
    for (let count = 0; count < 1000; count++) {
      const now = time(host, clock);
      assert(now >= last, `clock ${clock} goes back`);
      if (now > last && now - last < smallest) smallest = now - last;
      last = now;
    }
    const resolution = host.allocate(8);
    host.ok("clock_res_get", clock, resolution);
    assert(smallest < 20n * host.u64(resolution), `clock ${clock} advances by ${smallest}`);
  }
});

Deno.test("the time that a guest has used does not go on while it waits", async () => {
  const stdin = new InputQueue();
  const host = new Host({ stdin });
  const before = time(host, CLOCK.PROCESS_CPUTIME);
  const elapsed = time(host, CLOCK.MONOTONIC);
  const waiting = host.wait("fd_read", 0, ...host.buffers([host.allocate(8), 8]), host.allocate(4));
  setTimeout(() => stdin.end(), 30);
  await waiting;
  const used = time(host, CLOCK.PROCESS_CPUTIME) - before;
  assert(time(host, CLOCK.MONOTONIC) - elapsed - used >= 29_000_000n);
});

Deno.test("there are four clocks", () => {
  const host = new Host();
  assertEquals(host.call("clock_time_get", 4, 0n, 0), ERRNO.INVAL);
  assertEquals(host.call("clock_res_get", 4, 0), ERRNO.INVAL);
});
