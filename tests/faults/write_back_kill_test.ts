// Until a write-back was killed in each of its halves; `deno task soak write-backs` kills hundreds.
import { assert } from "@std/assert";
import { killWriteBacks } from "./_write_back_kills.ts";

Deno.test("gvm killed while it writes back loses nothing, and the next one finishes it", async () => {
  const { before, finished, after } = await killWriteBacks({
    kills: 8,
    files: 100,
    enough: ({ before, finished }) => before > 0 && finished > 0,
  });
  assert(before + finished > 0, `all ${after} were killed too late to mean anything`);
});
