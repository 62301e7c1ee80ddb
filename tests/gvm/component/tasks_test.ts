// Functions that are declared async.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { instantiateComponent } from "../../../gvm/component/component.ts";
import { KEEP } from "../../../gvm/component/component_function.ts";
import { functionsOf } from "../../../gvm/component/exported_functions.ts";
import type { HostFunction } from "../../../gvm/component/host.ts";
import { fixture, load } from "./_fixtures.ts";

async function open(double: HostFunction = (x: number) => Promise.resolve(2 * x)) {
  const component = await load(fixture("tasks"));
  const events: string[] = [];
  const { exports, store } = instantiateComponent(component, {
    world: { interfaces: { "test:host/later": { functions: { double } } } },
    makeMemories: ({ memories }) => memories.map(() => new WebAssembly.Memory({ initial: 1, maximum: 10 })),
    suspension: {
      suspended: () => void events.push("suspended"),
      resumed: () => void events.push("resumed"),
    },
  });
  const functions = new Map(Array.from(functionsOf(exports), ([, name, one]) => [name, one]));
  const call = async (name: string, ...args: unknown[]) =>
    await functions.get(name)!.call(args, undefined, KEEP, 0);
  return { call, events, store, component };
}

Deno.test("a function that yields returns its result later, time after time", async () => {
  const { call, component } = await open();
  assert(component.waits);
  for (let i = 0; i < 100; i++) assertEquals(await call("add", i, 2), i + 2);
});

Deno.test("a function waits for one of the host, and the host knows when nothing runs", async () => {
  const answer = Promise.withResolvers<number>();
  const { call, events } = await open(() => answer.promise);
  const result = call("ask", 21);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(events, ["suspended"]);
  answer.resolve(42);
  assertEquals(await result, 42);
  assertEquals(events, ["suspended", "resumed"]);
});

Deno.test("an error of the host ends what waits for it", async () => {
  const { call } = await open(() => Promise.reject(new Error("not today")));
  await assertRejects(() => call("ask", 21), Error, "not today");
});

Deno.test("what the host returns later must be of its type", async () => {
  const { call } = await open(() => Promise.resolve("a word"));
  await assertRejects(() => call("ask", 21), TypeError, "What an import returned is not an integer");
});

Deno.test("a function that waits for what cannot happen traps", async () => {
  const { call } = await open();
  await assertRejects(() => call("never"), Error, "deadlock detected");
  await assertRejects(() => call("add", 1, 2), Error, "cannot enter component instance");
});

Deno.test("a function that yields for ever lets others have their turn, and can be ended", async () => {
  const { call, events, store } = await open();
  const forever = call("forever");
  await new Promise((resolve) => setTimeout(resolve));
  assert(events.length > 0);
  const reason = new Error("enough");
  store.scheduler.abort(reason);
  assertEquals(await assertRejects(() => forever), reason);
});

for (const [name, does] of [["dally", "yields"], ["toss", "switches threads"]] as const) {
  Deno.test(`a synchronous function that ${does} again and again lets others have their turn, and keeps nothing`, async () => {
    const { call } = await open();
    let turns = 0;
    const timer = setInterval(() => turns++);
    let grown = Infinity;
    for (let run = 0; run < 3 && grown >= 20_000_000; run++) { // what is not collected yet is less in one of them
      const before = Deno.memoryUsage().heapUsed;
      assertEquals(await call(name, 100_000), 7);
      grown = Deno.memoryUsage().heapUsed - before;
    }
    clearInterval(timer);
    assert(turns > 1, `${turns}`);
    assert(grown < 20_000_000, `${grown}`);
  });
}

Deno.test("when a call traps, the stacks of the threads that it leaves can be given back", async () => {
  const { call, store } = await open();
  await assertRejects(() => call("burst"), WebAssembly.RuntimeError);
  assert(!store.scheduler.isDriven);
});
