import { assert } from "@std/assert";
import { killWriteBacks } from "./_write_back_kills.ts";

Deno.test("gvm killed while it writes back loses nothing, and the next one finishes it", async () => {
  const { before, finished, after } = await killWriteBacks({ kills: 8, files: 100 });
  assert(before + finished > 0, `all ${after} were killed too late to mean anything`);
});
