import { assertEquals, assertRejects } from "@std/assert";
import { Turns } from "../../../gpmd/store/turns.ts";

Deno.test("as many actions run at once as may, and the others in the order in which they came", async () => {
  const turns = new Turns(2);
  const held = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const all = held.map(({ promise }, i) =>
    turns.take(() => {
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
  const turns = new Turns(1);
  const failing = turns.take(() => Promise.reject(new Error("no")));
  const next = turns.take(() => Promise.resolve("yes"));
  await assertRejects(() => failing, Error, "no");
  assertEquals(await next, "yes");
});
