// The rules of grants: tables, and what must hold for any of them.
import { assert, assertEquals } from "@std/assert";
import { Granted, grantsOf, notGranted, shellWord } from "../../../gmp/grants/granted.ts";
import { functionGrants, isRight, runGrants } from "../../../gmp/grants/what.ts";
import type { Identity } from "../../../gmp/handshake/identity.ts";
import type { Grant, SessionGrant } from "../../../gmp/messages/grants.ts";
import {
  withGrants,
  withoutDevice,
  withoutGrants,
  withRenamedDevice,
} from "../../../gpmd/grants/grant_list.ts";

const SUBJECTS = ["everyone", "local", "pi", "a@local", "a@pi", "b@pi"];
const WHAT = ["*", "m.*", "m", "m.f", "m.g", "n.*", "n", "n.f", "ship", "manage"];
const CALLERS: Identity[] = [
  { role: "node", node: { name: "a", id: "1" } },
  { role: "node", device: "pi", node: { name: "a", id: "2" } },
  { role: "node", device: "pi", node: { name: "b", id: "3" } },
  { role: "command", device: "pi" },
  { role: "node", device: "other", node: { name: "a", id: "4" } },
];
const ACTIONS = [
  functionGrants("m", "f"),
  functionGrants("m", "g"),
  functionGrants("n", "f"),
  runGrants("m"),
  runGrants("n"),
  ["ship"],
  ["manage"],
];

const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)]!;

function randomGrants(): Grant[] {
  const found = new Map<string, Grant>();
  for (let count = Math.floor(Math.random() * 12); count > 0; count--) {
    const grant = { subject: pick(SUBJECTS), what: pick(WHAT) };
    const time = Math.random() < 0.5 ? {} : { time: 1 + Math.floor(Math.random() * 1000) };
    found.set(`${grant.subject} ${grant.what}`, { ...grant, ...time });
  }
  return [...found.values()];
}

function find(
  grants: readonly Grant[],
  caller: Identity,
  action: readonly string[],
): SessionGrant | undefined {
  return new Granted(grantsOf(caller, grants)).find(action);
}

Deno.test("the narrowest grant decides, first by what, then by whom", () => {
  const [local] = CALLERS;
  const rows: [grants: Grant[], time: number | undefined][] = [
    [[{ subject: "local", what: "*", time: 1 }, { subject: "everyone", what: "m.*", time: 2 }], 2],
    [[{ subject: "everyone", what: "m.f", time: 3 }, { subject: "a@local", what: "m.*", time: 1 }], 3],
    [[{ subject: "everyone", what: "m.f", time: 3 }, { subject: "a@local", what: "m.f" }], undefined],
    [[{ subject: "everyone", what: "m.f", time: 3 }, { subject: "local", what: "m.f", time: 9 }], 9],
    [[{ subject: "pi", what: "m.f", time: 3 }, { subject: "local", what: "*", time: 9 }], 9],
  ];
  for (const [grants, time] of rows) {
    for (const some of [grants, grants.toReversed()]) {
      assertEquals(find(some, local!, functionGrants("m", "f"))?.time, time, JSON.stringify(some));
    }
  }
});

Deno.test("a caller may do what any of its grants allows, and nothing else", () => {
  for (let round = 0; round < 3000; round++) {
    const grants = randomGrants();
    for (const caller of CALLERS) {
      const { device = "local", node } = caller;
      const isMeant = ({ subject }: Grant) =>
        subject === "everyone" || subject === device ||
        node !== undefined && subject === `${node.name}@${device}`;
      for (const action of ACTIONS) {
        const allowing = grants.filter((one) => isMeant(one) && action.includes(one.what));
        const found = find(grants, caller, action);
        assertEquals(found !== undefined, allowing.length > 0, JSON.stringify({ grants, caller, action }));
        if (found === undefined) continue;
        assert(allowing.some(({ what, time }) => what === found.what && time === found.time));
        const least = Math.min(...allowing.map(({ what }) => action.indexOf(what)));
        assertEquals(action.indexOf(found.what), least);
      }
    }
  }
});

Deno.test("a grant takes nothing from anybody, and a revocation gives nothing to anybody", () => {
  for (let round = 0; round < 1000; round++) {
    const before = randomGrants();
    const [subject, what] = [pick(SUBJECTS), [pick(WHAT), pick(WHAT)]];
    const after = withGrants(before, { subject, what });
    for (const caller of CALLERS) {
      for (const action of ACTIONS) {
        if (find(before, caller, action) !== undefined) assert(find(after, caller, action) !== undefined);
      }
    }
    const gone = withoutGrants(after, { subject, what });
    for (const caller of CALLERS) {
      for (const action of ACTIONS) {
        if (find(gone, caller, action) !== undefined) assert(find(after, caller, action) !== undefined);
      }
    }
    // Revoking is the inverse of granting what was not there.
    const isNew = !before.some((one) => one.subject === subject && what.includes(one.what));
    if (isNew) assertEquals(gone, before);
  }
});

Deno.test("a device that is renamed keeps its grants, and one that is removed has none", () => {
  for (let round = 0; round < 1000; round++) {
    const before = randomGrants();
    const renamed = withRenamedDevice(before, "pi", "cake");
    const removed = withoutDevice(before, "pi");
    for (const caller of CALLERS.filter(({ device }) => device === "pi")) {
      const everyone = before.filter(({ subject }) => subject === "everyone");
      for (const action of ACTIONS) {
        assertEquals(find(renamed, { ...caller, device: "cake" }, action), find(before, caller, action));
        assertEquals(find(removed, caller, action), find(everyone, caller, action));
      }
    }
    assertEquals(withRenamedDevice(renamed, "cake", "pi"), before);
  }
});

Deno.test("permissions are no calls", () => {
  assertEquals(new Granted([{ what: "ship" }, { what: "manage" }]).allowsCalls, false);
  assertEquals(new Granted([{ what: "ship" }, { what: "m.f" }]).allowsCalls, true);
  assertEquals(WHAT.filter(isRight), ["ship", "manage"]);
});

Deno.test("a refusal says what to type, for a shell", () => {
  const [local, away] = CALLERS;
  const message = (caller: Identity, what: string) => notGranted(caller, "call it", what).message;
  assertEquals(
    message(local!, "m.f"),
    "Cannot call it: a@local may not; to allow it, run: gpmd grant a@local m.f",
  );
  assertEquals(
    message(away!, 'm."it\'s"'),
    `Cannot call it: a@pi may not; to allow it, run there: gpmd grant a@pi 'm."it'\\''s"'`,
  );
  // The next node of somebody who has chosen no name has another one.
  const drawn: Identity = {
    role: "node",
    device: "pi",
    node: { name: "node-8399", id: crypto.randomUUID() },
  };
  assertEquals(
    message(drawn, "m.f"),
    "Cannot call it: node-8399@pi may not; to allow it, run there: gpmd grant pi m.f",
  );
  assertEquals(notGranted(drawn, "call it", "m.f").details, { subject: "pi", what: "m.f" });
  assertEquals(["m.*", "*", "a b", "math.add", "node-1@pi"].map(shellWord), [
    "'m.*'",
    "'*'",
    "'a b'",
    "math.add",
    "node-1@pi",
  ]);
});
