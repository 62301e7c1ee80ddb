import { assert, assertEquals } from "@std/assert";
import { slope } from "./_measure.ts";
import { soak } from "./_soak.ts";

Deno.test("four nodes that do everything at once for four seconds give no wrong answer and leave nothing", async () => {
  const { done, wrong, executors, left, processes } = await soak(1 / 15);
  assertEquals(wrong, []);
  assert(Object.values(done).every((count) => count > 0), JSON.stringify(done));
  assertEquals(executors, [4, 4]);
  assertEquals(left, 0);
  for (const { name, descriptors: [before, after] } of processes) {
    // An executor that is being replaced at that instant has three pipes and two sockets, and each of the two threads in
    // which gpmd checks modules some seven; a leak at every one of the dozens of operations would show many times that.
    assert(
      after <= before + (name === "gpmd" ? 14 : 5),
      `${name} had ${before} descriptors and has ${after}`,
    );
  }
});

Deno.test("the slope is that of the line with the least squares, by the hour", () => {
  const samples = [1, 3, 2, 4].map((memory, i) => ({ time: i * 1000, memory, descriptors: 5 }));
  assertEquals(Math.round(slope(samples, ({ memory }) => memory)), 0.8 * 3600);
  assertEquals(slope(samples, ({ descriptors }) => descriptors), 0);
});
