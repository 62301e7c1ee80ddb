import { assertEquals, assertRejects } from "@std/assert";
import { Places } from "../../../gmp/async/places.ts";

Deno.test("as many actions run at once as may, and the others in the order in which they came", async () => {
  const places = new Places(2);
  const held = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const all = held.map(({ promise }, i) =>
    places.run(() => {
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
  const places = new Places(1);
  const failing = places.run(() => Promise.reject(new Error("no")));
  const next = places.run(() => Promise.resolve("yes"));
  await assertRejects(() => failing, Error, "no");
  assertEquals(await next, "yes");
});

Deno.test("who gives up waiting for a place takes none, and is told why", async () => {
  const places = new Places(1);
  await places.take();
  const giving = new AbortController();
  const [first, second] = [places.take(giving.signal), places.take()];
  assertEquals(places.waiting, 2);
  giving.abort(new Error("enough"));
  await assertRejects(() => first, Error, "enough");
  assertEquals(places.waiting, 1);
  places.give();
  await second;
  await assertRejects(() => places.take(giving.signal), Error, "enough");
  places.give();
  await places.take();
});
