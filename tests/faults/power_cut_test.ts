import { assert } from "@std/assert";
import { cutPower } from "./_power_cuts.ts";

Deno.test("a power cut after any operation of the store loses nothing that was acknowledged", async () => {
  const figures = await cutPower({ changes: 8, randomDisks: 2 });
  console.log(figures);
  assert(figures.disks > figures.operations);
});
