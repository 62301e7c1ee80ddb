import { assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { Invitations } from "../../../gpmd/devices/invitations.ts";

Deno.test("a code is used up by a device that gets what it grants, and not by one whose grants cannot be written", async () => {
  const invitations = new Invitations();
  invitations.add("code", 60_000, ["math"]);
  const given: unknown[] = [];
  const use = () => invitations.use("code", (what) => Promise.resolve(given.push(what)));
  const full = invitations.use("code", () => Promise.reject(new GhostError("STORE_FAULT")));
  // Until that is known, it is nobody else's.
  assertEquals((await assertRejects(use, GhostError)).code, "PAIRING_FAILED");
  assertEquals((await assertRejects(() => full, GhostError)).code, "STORE_FAULT");
  await use();
  assertEquals((await assertRejects(use, GhostError)).code, "PAIRING_FAILED");
  assertEquals(given, [["math"]]);
});
