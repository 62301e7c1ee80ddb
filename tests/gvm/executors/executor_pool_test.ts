import { assert, assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { Channel } from "../../../gmp/channel/channel.ts";
import { dialWithTicket } from "../../../gmp/ports/dial_with_ticket.ts";
import { GhostError } from "../../../gmp/errors.ts";
import type { SessionPlace } from "../../../gvm/executors/executor_pool.ts";
import { assertFails, Harness, isRunning, TestModules } from "../harness.ts";

const stopped = () => {};

const dialPlace = ({ executor, address, ticket }: SessionPlace) =>
  dialWithTicket({ port: address.loopback, ticket, audience: `executor/${executor}` });

Deno.test("a session has an executor of its own until there are as many as may be", async () => {
  await using harness = new Harness({ size: 2 });
  assertEquals(harness.pool.size, 0);
  const [a, b, c] = [await harness.caller(), await harness.caller(), await harness.caller()];
  assertEquals(harness.pool.size, 2);
  assertEquals(harness.executors.length, 2);
  for (const caller of [a, b, c]) assertEquals(await caller.call("counter.next"), 1);
});

Deno.test("an executor goes with its last session", async () => {
  await using harness = new Harness({ size: 1 });
  const [a, b] = [await harness.caller(), await harness.caller()];
  const [pid] = harness.executors;
  a.close();
  assertEquals(await b.call("counter.next"), 1);
  assert(isRunning(pid!));
  b.close();
  assertEquals(harness.pool.size, 0);
  await harness.pool.close();
  assert(!isRunning(pid!));
});

Deno.test("a pool that is closed while an executor starts leaves none", async () => {
  await using harness = new Harness();
  const connecting = harness.open().client.connect();
  const refused = assertFails("CANCELLED", connecting);
  await harness.pool.close();
  await refused;
  assertEquals(harness.executors, []);
});

Deno.test("a session that is closed while its executor starts gets no place", async () => {
  await using harness = new Harness();
  const hosted = harness.pool.open({ role: "command" }, stopped);
  const place = assertFails("CANCELLED", hosted.place());
  hosted.close();
  await place;
  await assertFails("CANCELLED", hosted.place());
});

Deno.test("a closed pool opens no session", async () => {
  await using harness = new Harness();
  const hosted = harness.pool.open({ role: "command" }, stopped);
  await harness.pool.close();
  await assertFails("CANCELLED", hosted.place());
  assertEquals(
    assertThrows(() => harness.pool.open({ role: "command" }, stopped), GhostError).code,
    "CANCELLED",
  );
});

Deno.test("a place is good once", async () => {
  await using harness = new Harness();
  const hosted = harness.pool.open({ role: "command" }, stopped);
  const place = await hosted.place();
  const connection = await dialPlace(place);
  await assertFails("UNAUTHENTICATED", dialPlace(place));
  connection.transport.close();
});

Deno.test("the place of a session that was closed is good no more", async () => {
  await using harness = new Harness({ size: 1 });
  const hosted = harness.pool.open({ role: "command" }, stopped);
  const neighbour = await harness.caller();
  const place = await hosted.place();
  hosted.close();
  // The executor has heard of it once it answers what was asked later.
  await neighbour.call("counter.next");
  await harness.pool.open({ role: "command" }, stopped).place();
  const { closed } = new Channel(await dialPlace(place));
  assertEquals((await closed)?.code, "TICKET_EXPIRED");
});

Deno.test("a session that is dialled again starts afresh", async () => {
  await using harness = new Harness();
  const hosted = harness.pool.open({ role: "command" }, stopped);
  const [first, second] = [await hosted.place(), await hosted.place()];
  assertEquals([first.executor, first.address], [second.executor, second.address]);
  assertNotEquals(first.ticket, second.ticket);
});

Deno.test("an executor that cannot start is a clear error, each time it is asked for", async () => {
  const script = fromFileUrl(new URL("../node/_without_deno.ts", import.meta.url));
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-run=deno", "--no-check", script],
    env: { PATH: "/nonexistent" },
    stderr: "null", // where Deno says that it finds no deno to allow
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assertEquals(lines.length, 2);
  for (const line of lines) {
    assertMatch(line, /^BAD_ARGUMENTS Cannot start an executor: there is no program "deno" on the PATH$/);
  }
});

Deno.test("what goes wrong with a module's source reaches the caller", async () => {
  const modules = new TestModules();
  modules.bytes = () => Promise.reject(new GhostError("GPMD_NOT_RUNNING"));
  await using harness = new Harness({ modules });
  const caller = await harness.caller();
  await assertFails("GPMD_NOT_RUNNING", caller.call("counter.next"));
  await assertFails("MODULE_NOT_FOUND", caller.call("nowhere.next"));
});

Deno.test("bytes that are not those that were announced are not used", async () => {
  const modules = new TestModules();
  modules.bytes = () => Promise.resolve(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  await using harness = new Harness({ modules });
  const caller = await harness.caller();
  await assertFails("HASH_MISMATCH", caller.call("counter.next"));
});
