// A cable that is out for longer than a peer of another device is waited for; the link between is the test's own.
import { assert, assertEquals } from "@std/assert";
import { assertFails } from "../gvm/harness.ts";
import { nextEvent } from "../tools/network.ts";
import { TwoDevices } from "../tools/two_devices.ts";

/** PINGs go out every 5 seconds, and four in a row may stay without an answer; then there are seconds for a machine under load. */
const [LEAST, MOST] = [20_000, 28_000];

Deno.test("a device that is silent for 20 seconds is given up by both sides, and back as soon as it can be reached", async () => {
  await using two = await TwoDevices.start();
  const here = await two.node("pi", "node-1");
  const there = await two.node("laptop", "node-2");
  const on = "node-2@laptop";
  await here.connect(on);
  assertEquals(await here.call("counter.next", [], { on }), 1);
  const lost = [nextEvent(here, "disconnect"), nextEvent(there, "disconnect")];
  const back = [nextEvent(here, "connect"), nextEvent(there, "connect")];
  two.setCable("out");
  const out = performance.now();
  const waiting = assertFails("CONNECTION_LOST", here.call("counter.next", [], { on }));
  for (const { error } of await Promise.all(lost)) {
    assertEquals(error?.code, "CONNECTION_LOST");
    const silence = performance.now() - out;
    assert(silence >= LEAST && silence < MOST, `given up after ${silence} ms`);
  }
  await waiting;
  two.setCable("in");
  await Promise.all(back);
  // The state of the session that was lost is gone, and the call that was under way is not made again.
  assertEquals(await here.call("counter.next", [], { on }), 1);
  assertEquals(await there.call("math.add", [1, 2], { on: "node-1@pi" }), 3);
});
