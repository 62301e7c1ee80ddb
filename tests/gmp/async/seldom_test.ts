import { assert, assertEquals } from "@std/assert";
import { Seldom } from "../../../gmp/async/seldom.ts";

Deno.test("what is asked for often is done at once, and once more at the end of the interval", async () => {
  const done: number[] = [];
  let next = Promise.withResolvers<void>();
  const seldom = new Seldom(50, () => {
    done.push(performance.now());
    next.resolve();
    next = Promise.withResolvers();
  });
  for (let count = 0; count < 1000; count++) seldom.ask();
  assertEquals(done.length, 1);
  await next.promise;
  // A timer counts from when its turn of the loop began, some milliseconds ago on a busy machine.
  assert(done[1]! - done[0]! >= 25, `${done}`);
  seldom.ask();
  seldom.cancel(); // or the test would leave a timer
  assertEquals(done.length, 2);
});
