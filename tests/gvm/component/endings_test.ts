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
