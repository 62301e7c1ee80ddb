import { assertEquals, assertRejects } from "@std/assert";
import { Semaphore } from "../../../gmp/async/semaphore.ts";

Deno.test("as many actions run at once as may, and the others in the order in which they came", async () => {
  const semaphore = new Semaphore(2);
  const held = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const all = held.map(({ promise }, i) =>
    semaphore.run(() => {
      begun.push(i);
      return promise.then(() => i);
    })
  );
  assertEquals(begun, [0, 1]);
  held[1]!.resolve();
  assertEquals(await all[1], 1);
  assertEquals(begun, [0, 1, 2]);
  for (const { resolve } of held) resolve();
  assertEquals(await Promise.all(all), [0, 1, 2, 3, 4]);
  assertEquals(begun, [0, 1, 2, 3, 4]);
});

Deno.test("an action that fails gives its turn to the next", async () => {
  const semaphore = new Semaphore(1);
  const failing = semaphore.run(() => Promise.reject(new Error("no")));
  const next = semaphore.run(() => Promise.resolve("yes"));
  await assertRejects(() => failing, Error, "no");
  assertEquals(await next, "yes");
});

Deno.test("who gives up waiting for a permit takes none, and is told why", async () => {
  const semaphore = new Semaphore(1);
  await semaphore.acquire();
  const giving = new AbortController();
  const [first, second] = [semaphore.acquire(giving.signal), semaphore.acquire()];
  assertEquals(semaphore.waiting, 2);
  giving.abort(new Error("enough"));
  await assertRejects(() => first, Error, "enough");
  assertEquals(semaphore.waiting, 1);
  semaphore.release();
  await second;
  await assertRejects(() => semaphore.acquire(giving.signal), Error, "enough");
  semaphore.release();
  await semaphore.acquire();
});
