import { assertEquals, assertRejects } from "@std/assert";
import { pause } from "../../../gmp/async/pause.ts";
import { untilAborted } from "../../../gmp/async/until_aborted.ts";
import { assertFails } from "../../gvm/harness.ts";

Deno.test("what is awaited settles as it would, unless the signal aborts before", async () => {
  const { signal } = new AbortController();
  assertEquals(await untilAborted(Promise.resolve(1), signal), 1);
  assertEquals(await untilAborted(Promise.resolve(1), undefined), 1);
  await assertRejects(() => untilAborted(Promise.reject(new Error("no")), signal), Error, "no");
  const stop = new AbortController();
  const waiting = untilAborted(new Promise(() => {}), stop.signal);
  stop.abort(new Error("enough"));
  const error = await assertFails("CANCELLED", waiting);
  assertEquals((error.cause as Error).message, "enough");
  await assertFails("CANCELLED", untilAborted(Promise.resolve(1), AbortSignal.abort()));
});

Deno.test("what fails after the signal aborted is no unhandled rejection", async () => {
  const late = Promise.withResolvers<void>();
  const stop = new AbortController();
  const waiting = untilAborted(late.promise, stop.signal);
  stop.abort();
  await assertFails("CANCELLED", waiting);
  late.reject(new Error("late"));
});

Deno.test("a pause ends with its time or its signal, and leaves no timer", async () => {
  await pause(1, new AbortController().signal);
  const stop = new AbortController();
  const paused = pause(60_000, stop.signal);
  stop.abort();
  await paused;
  await pause(60_000, stop.signal);
});
