import { assert } from "@std/assert";
import { cutPower } from "./_power_cuts.ts";

Deno.test("a power cut after any operation of the store loses nothing that was acknowledged", async () => {
  const { operations, disks } = await cutPower({ changes: 8, randomDisks: 2 });
  assert(disks > operations, `${disks} disks are too few to mean anything`);
});
