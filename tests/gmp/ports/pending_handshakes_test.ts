import { assert, assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { memoryPair } from "../../../gmp/transports/memory.ts";
import { PendingHandshakes } from "../../../gmp/ports/pending_handshakes.ts";
import { readBytes } from "../../../gmp/transports/transport.ts";

/** A handshake that says nothing: it ends when its transport does. */
function silent(waiting: PendingHandshakes): Promise<unknown> {
  const [transport] = memoryPair();
  return waiting.until(transport, readBytes(transport));
}

Deno.test("beyond the limit the oldest is closed, and counted", async () => {
  const waiting = new PendingHandshakes();
  const all = Array.from({ length: 1024 }, () => silent(waiting));
  assertEquals([waiting.size, waiting.evicted], [1024, 0]);
  const one = silent(waiting);
  await assertRejects(() => all[0]!, GhostError);
  assertEquals([waiting.size, waiting.evicted], [1024, 1]);
  waiting.close();
  await Promise.allSettled([...all, one]);
  assertEquals(waiting.size, 0);
});

Deno.test("there is room at once below the limit, when one has left, and when the oldest has had its time", async () => {
  const waiting = new PendingHandshakes();
  await waiting.room();
  const all = Array.from({ length: 1023 }, () => silent(waiting));
  await waiting.room();
  const { promise, resolve } = Promise.withResolvers<void>();
  const last = waiting.until(memoryPair()[0], promise);
  const started = performance.now();
  const room = waiting.room();
  resolve();
  await Promise.all([room, last]);
  assert(performance.now() - started < 200);
  const full = silent(waiting);
  assertEquals(waiting.evict(), false); // none has had its time
  await waiting.room();
  assertEquals([waiting.size, waiting.evicted], [1024, 0]);
  assertEquals([waiting.evict(), waiting.size, waiting.evicted], [true, 1023, 1]);
  waiting.close();
  await Promise.allSettled([...all, full]);
});
