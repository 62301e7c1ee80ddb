import { assert } from "@std/assert";
import { storm } from "./_storm.ts";

Deno.test("calls end by name, none is executed twice, and all heals when connections are cut and executors killed", async () => {
  const { calls, sessionsLost } = await storm(15, 60);
  assert(calls > 100, `${calls} calls are too few to mean anything`);
  assert(sessionsLost > 0, "nothing was lost: the storm blew elsewhere");
});
