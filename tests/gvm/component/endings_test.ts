// What ends late: destructors that wait or trap, and waits that nobody waits for any more. fixtures/endings.wat has their source.
import { assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { code, open } from "./_session.ts";

/** So many milliseconds, for which the destructor of a thing waits. */
const milliseconds = (count: number) => count * 1e6;
const FOR_EVER = 2 ** 32 - 1;

Deno.test("a destructor that waits is waited for, with what was asked of its instance after it", async () => {
  const { valueOf, drop, watch } = open("endings");
  const thing = await valueOf("make", milliseconds(5));
  const { dropped } = await drop("make", thing);
  assertEquals(await valueOf("gone"), 1);
  await dropped;
  assertEquals(thing.isHeld, false);
  const { dropped: second } = await drop("make", await valueOf("make", 0));
  await second;
  assertEquals(await valueOf("gone"), 2);
  assertEquals(watch.inside.size, 0);
});

Deno.test("a destructor that traps ends its instance with that error", async () => {
  const { valueOf, drop, watch } = open("endings");
  await (await drop("make", await valueOf("make", 0))).dropped;
  const { dropped } = await drop("make", await valueOf("make", 1));
  const error = await assertRejects(() => dropped, GhostError);
  assertEquals([error.code, error.message], ["TRAP", "endings.[drop]thing trapped: unreachable"]);
  assertEquals(await valueOf("gone"), 0);
  assertEquals(watch.inside.size, 0);
});

Deno.test("a destructor that waits too long is ended, by its time or by its caller", async () => {
  const { session, valueOf, drop, watch } = open("endings", { time: 50 });
  const { dropped: late } = await drop("make", await valueOf("make", FOR_EVER));
  assertEquals(await code(late), "TIME_LIMIT");
  const thing = await valueOf("make", FOR_EVER);
  const early = await drop("make", thing);
  session.cancel(early.id); // before its turn
  assertEquals([await code(early.dropped), thing.isHeld], ["CANCELLED", true]);
  const { id, dropped } = await drop("make", thing);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(thing.isHeld, false);
  session.cancel(id);
  assertEquals(await code(dropped), "CANCELLED");
  assertEquals(await valueOf("gone"), 0);
  assertEquals(watch.inside.size, 0);
});

Deno.test("a wait ends with its instance when nobody waits for it any more", async () => {
  const { session, valueOf } = open("endings");
  await valueOf("start-waiting");
  session.reset("endings"); // or its timer is left behind
  await valueOf("start-waiting");
  session.close();
});

Deno.test("a future that a guest has dropped is cancelled, and what becomes of it later does not matter", async () => {
  const { valueOf, drop } = open("endings");
  await (await drop("make", await valueOf("make", 0))).dropped;
  const late = Promise.withResolvers<number>();
  await valueOf("drop-number", late.promise);
  late.reject(new Error("too late"));
  assertEquals(await valueOf("gone"), 1);
  const cancelled = Promise.withResolvers<void>();
  const never = { next: () => new Promise(() => {}), cancel: () => cancelled.resolve() };
  await valueOf("drop-number", { lists: () => never });
  await cancelled.promise;
});

Deno.test("a call that is refused leaves no handle, and ends the streams that it was given", async () => {
  const { valueOf } = open("endings");
  const cancelled = Promise.withResolvers<void>();
  const stream = new ReadableStream({ cancel: () => cancelled.resolve() });
  assertEquals(await code(valueOf("handle", stream, 1, "no number")), "BAD_ARGUMENTS");
  await cancelled.promise;
  assertEquals(await valueOf("handle", [], 1, 1), 1);
});
