import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { DataQueue } from "../../../gmp/channel/incoming.ts";
import { hex } from "../_wire.ts";

Deno.test("chunks come out in order, then the end", async () => {
  const queue = new DataQueue();
  queue.push(hex("01"), false);
  queue.push(hex("02 03"), true);
  assertEquals([queue.size, queue.open, queue.ended], [3, false, false]);
  assertEquals([queue.take(), queue.take(), queue.take()], [hex("01"), hex("02 03"), undefined]);
  assertEquals([queue.size, queue.ended], [0, true]);
  await queue.ready();
});

Deno.test("ready waits for a chunk, the end, or a failure", async () => {
  for (
    const happen of [
      (queue: DataQueue) => queue.push(hex("01"), false),
      (queue: DataQueue) => queue.push(hex(""), true),
      (queue: DataQueue) => queue.fail(new GhostError("CONNECTION_LOST")),
      (queue: DataQueue) => queue.discard(),
    ]
  ) {
    const queue = new DataQueue();
    const waiting = queue.ready();
    void happen(queue);
    await waiting;
  }
});

Deno.test("ready ends with its signal, before or while it waits, and the queue goes on", async () => {
  const queue = new DataQueue();
  const reason = new Error("no longer");
  await assertRejects(() => queue.ready(AbortSignal.abort(reason)), Error, "no longer");
  const abort = new AbortController();
  const waiting = assertRejects(() => queue.ready(abort.signal), Error, "no longer");
  abort.abort(reason);
  await waiting;
  queue.push(hex("01"), true);
  await queue.ready(new AbortController().signal);
  assertEquals(queue.take(), hex("01"));
});

Deno.test("a push beyond the limit gives a promise, resolved when enough was taken, or when nobody takes more", async () => {
  for (const end of ["take", "discard", "fail"] as const) {
    const queue = new DataQueue();
    assertEquals(queue.push(new Uint8Array(1 << 19), false), undefined);
    const full = queue.push(new Uint8Array(1 << 19), false);
    assertEquals(full instanceof Promise, true);
    if (end === "take") queue.take();
    else if (end === "discard") queue.discard();
    else queue.fail(new GhostError("CANCELLED"));
    await full;
    assertEquals(queue.size, end === "take" ? 1 << 19 : 0);
  }
});

Deno.test("after a failure there is nothing but the failure, after discard nothing at all", () => {
  const failed = new DataQueue();
  failed.push(hex("01"), false);
  failed.fail(new GhostError("CANCELLED"));
  failed.fail(new GhostError("CONNECTION_LOST"));
  assertEquals(failed.push(hex("02"), false), undefined);
  assertEquals(assertThrows(() => failed.take(), GhostError).code, "CANCELLED");
  const discarded = new DataQueue();
  discarded.discard();
  discarded.push(hex("02"), false);
  assertEquals([discarded.take(), discarded.ended], [undefined, true]);
});
