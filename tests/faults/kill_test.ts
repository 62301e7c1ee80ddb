// Five kills of each kind; `deno task soak crashes` makes as many as one has time for.
import { assert } from "@std/assert";
import { killDaemons, killStartingDaemons } from "./_kills.ts";

Deno.test("a daemon killed while modules come and go loses nothing that it acknowledged", async () => {
  const { uploads, removals, interrupted } = await killDaemons({ kills: 5, largest: 1 << 18, longest: 400 });
  assert(uploads > 0 && removals > 0, `${uploads} uploads and ${removals} removals mean nothing`);
  assert(interrupted > 0, "no change was under way at any of the kills");
});

Deno.test("a daemon killed while it starts leaves a home that the next one can use", () =>
  killStartingDaemons(5));
