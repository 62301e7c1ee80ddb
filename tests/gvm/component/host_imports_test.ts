// What a component imports from the host.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { instantiateComponent } from "../../../gvm/component/component.ts";
import { KEEP } from "../../../gvm/component/component_function.ts";
import { functionsOf } from "../../../gvm/component/exported_functions.ts";
import type { HostInterface, HostWorld } from "../../../gvm/component/host.ts";
import { fixture, instantiate, load } from "./_fixtures.ts";

class File {
  constructor(readonly name: string) {}
}

interface Clerk {
  readonly dropped: object[];
  readonly events: string[];
  readonly world: HostWorld;
}

function clerk(version = "1.2.0", changes: Partial<HostInterface> = {}): Clerk {
  const dropped: object[] = [];
  const events: string[] = [];
  const one: HostInterface = {
    functions: {
      open: (name: string) => new File(name),
      "[method]file.size": (file: File) => file.name.length,
      later: (x: number) => Promise.resolve().then(() => (events.push("answered"), x + 1)),
    },
    resources: { file: { drop: (value) => void dropped.push(value) } },
    waits: new Set(["later"]),
    ...changes,
  };
  const root = { functions: { shout: (text: string) => text.toUpperCase() } };
  return { dropped, events, world: { interfaces: { [`test:host/clerk@${version}`]: one }, root } };
}

async function open({ world, events }: Clerk, waits = false) {
  const component = await load(fixture("imports"));
  const suspension = {
    suspended: () => void events.push("suspended"),
    resumed: () => void events.push("resumed"),
  };
  const { exports, store } = instantiateComponent(component, {
    world,
    makeMemories: ({ memories }) => memories.map(() => new WebAssembly.Memory({ initial: 1, maximum: 10 })),
    suspension: waits ? suspension : undefined,
  });
  const functions = new Map(Array.from(functionsOf(exports), ([, name, one]) => [name, one]));
  return {
    call: (name: string, ...args: unknown[]) => functions.get(name)!.call(args, undefined, KEEP, 0),
    store,
  };
}

Deno.test("a component calls functions of an interface and of the world", async () => {
  const host = clerk();
  const { call } = await open(host);
  assertEquals(call("shout", "quiet, é"), "QUIET, É");
  assertEquals(call("measure", "notes.txt"), 9);
});

Deno.test("a resource of the host comes back as the object that it gave out, and is told of its end", async () => {
  const host = clerk();
  const { call } = await open(host);
  call("measure", "a");
  assertEquals(host.dropped, [new File("a")]);
});

Deno.test("a compatible version of an interface is as good, another is not", async () => {
  for (const version of ["1.2.0", "1.2.7", "1.9.0", "1.0.0"]) {
    assertEquals((await open(clerk(version))).call("measure", "ab"), 2);
  }
  for (const version of ["2.0.0", "0.1.2", "1.2.0-rc.1"]) {
    const error = await assertRejects(() => open(clerk(version)), GhostError);
    assertEquals(error.code, "IMPORT_NOT_FOUND");
    assertEquals(error.details, { name: "test:host/clerk@1.2.0.open", kind: "function" });
  }
});

Deno.test("an import that nobody provides is named", async () => {
  const host = clerk();
  const error = await assertRejects(
    () => open({ ...host, world: { interfaces: host.world.interfaces } }),
    GhostError,
  );
  assertEquals(error.code, "IMPORT_NOT_FOUND");
  assertEquals(error.details, { name: "shout", kind: "function" });
});

Deno.test("a guest waits for a function that returns a promise, and the host knows when it has the thread", async () => {
  const host = clerk();
  const { call } = await open(host, true);
  assertEquals(await call("wait", 4), 5);
  assertEquals(host.events, ["suspended", "answered", "resumed"]);
});

Deno.test("what a function of the host returns is checked; an error of the host passes through the guest", async () => {
  const wrong = await open(clerk("1.2.0", {
    functions: { ...clerk().world.interfaces["test:host/clerk@1.2.0"]!.functions, open: () => "no file" },
  }));
  assertThrows(() => wrong.call("measure", "a"), TypeError, "is not a resource");
  const failure = new GhostError("OUTPUT_LIMIT");
  const failing = await open(clerk("1.2.0", {
    functions: {
      ...clerk().world.interfaces["test:host/clerk@1.2.0"]!.functions,
      open: () => {
        throw failure;
      },
    },
  }));
  assertEquals(assertThrows(() => failing.call("measure", "a")), failure);
  assertThrows(() => failing.call("measure", "a"), Error, "cannot enter component instance");
});

Deno.test("in a session a component gets no more than what every guest gets", async () => {
  const component = await load(fixture("imports"));
  const error = assertThrows(() => instantiate(component), GhostError);
  assertEquals(error.code, "IMPORT_NOT_FOUND");
});
