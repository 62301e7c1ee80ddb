import { assert, assertEquals } from "@std/assert";
import { storm } from "./_storm.ts";

Deno.test("calls end by name, none is executed twice, and all heals when connections are cut and executors killed", async () => {
  const { calls, failed, sessionsLost, kills, sessionCuts, connectionCuts } = await storm(18, 50);
  assertEquals([kills, sessionCuts, connectionCuts], [6, 6, 6]);
  assert(calls > 100, `${calls} calls are too few to mean anything`);
  // Which codes are allowed is checked where the calls are made.
  assert(failed.size > 0, "no call failed: the storm blew elsewhere");
  assert(sessionsLost > 0, "no session was lost: the storm blew elsewhere");
});
