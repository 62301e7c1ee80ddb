import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import type { Identity } from "../../../gmp/handshake/identity.ts";
import type { SessionGrant } from "../../../gmp/messages/grants.ts";
import { DEFAULT_LIMITS } from "../../../gvm/engine/execution_limits.ts";
import { SessionGrants } from "../../../gvm/executor/session_grants.ts";

const CALLER: Identity = { role: "node", device: "laptop", node: { name: "node-1", id: "1" } };
const { time } = DEFAULT_LIMITS;

function grantsOf(
  grants: SessionGrant[] | undefined,
  { revision = 0, latest = (): number => 0 } = {},
): SessionGrants {
  return new SessionGrants(
    CALLER,
    DEFAULT_LIMITS,
    grants === undefined ? { revision } : { grants, revision },
    latest,
  );
}

function assertRefused(limits: unknown, what: string): void {
  assertInstanceOf(limits, GhostError);
  assertEquals([limits.code, limits.details], ["NOT_GRANTED", { subject: "node-1@laptop", what }]);
}

Deno.test("a node itself may do anything within its limits, whatever is announced", () => {
  const own = grantsOf(undefined, { latest: () => 7 });
  assertEquals([own.restricted, own.coming, own.refusal, own.revision], [
    false,
    undefined,
    undefined,
    Infinity,
  ]);
  for (const limits of [own.ofFunction("m", "f"), own.ofRun("m"), own.ofShipped()]) {
    assertEquals(limits, { time, memory: undefined });
  }
});

Deno.test("a module that the caller brings needs ship, and nothing else does", () => {
  const grants = grantsOf([{ what: "*", time: 9 }, { what: "ship", time: 5, memory: 1 << 20 }]);
  assertEquals(grants.ofShipped(), { time: 5, memory: 1 << 20 });
  assertEquals(grants.ofFunction("m", "f"), { time: 9, memory: undefined });
  assertRefused(grantsOf([{ what: "*" }]).ofShipped(), "ship");
  const shipping = grantsOf([{ what: "ship" }]);
  assertRefused(shipping.ofFunction("m", "f"), "m.f");
  assertRefused(shipping.ofRun("m"), "m");
  assertStringIncludes(shipping.refusal!.message, "gpmd grant node-1@laptop '*'");
});

Deno.test("a caller waits for the list of a change that was announced, and for the last of several", async () => {
  let latest = 3;
  const grants = grantsOf([], { revision: 3, latest: () => latest });
  assertEquals(grants.coming, undefined);
  latest = 5;
  const { coming } = grants;
  let come = false;
  coming!.then(() => come = true);
  grants.change([], 4);
  await Promise.resolve();
  assertEquals([come, grants.coming === undefined], [false, false]);
  grants.change([{ what: "m.f" }], 5);
  await coming;
  assertEquals([come, grants.coming, grants.revision], [true, undefined, 5]);
  assertEquals(grants.ofFunction("m", "f"), { time, memory: undefined });
});

Deno.test("a list that comes before its announcement waits for nothing", () => {
  let latest = 0;
  const grants = grantsOf([], { latest: () => latest });
  grants.change([{ what: "*" }], 1);
  assertEquals(grants.coming, undefined);
  latest = 1;
  assertEquals([grants.coming, grants.revision >= grants.latest], [undefined, true]);
});
