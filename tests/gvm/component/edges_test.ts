// What a careless engine confuses; the source is beside the fixture.
import { assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { instantiateComponent } from "../../../gvm/component/component.ts";
import { type ComponentFunction, KEEP } from "../../../gvm/component/component_function.ts";
import { functionsOf } from "../../../gvm/component/exported_functions.ts";
import { DEFAULT_LIMITS } from "../../../gvm/engine/execution_limits.ts";
import { instantiateLoaded } from "../../../gvm/engine/instantiate_component.ts";
import { MemoryBudget } from "../../../gvm/engine/memory_budget.ts";
import { Session } from "../../../gvm/engine/session.ts";
import { NO_WATCH } from "../../../gvm/engine/watch.ts";
import { component, longSection, longText, vector } from "../../gmp/wasm_format/component/_bytes.ts";
import { fixture, load } from "./_fixtures.ts";

async function edges() {
  const loaded = await load(fixture("edges"));
  const stream = { isTerminal: false, write: () => {} };
  const memory = new MemoryBudget(DEFAULT_LIMITS, { whose: "this test" });
  const suspension = { suspended: () => {}, resumed: () => {} };
  const compiled = { name: "edges", version: "1.0.0", hash: "", component: loaded, waits: loaded.waits };
  return instantiateLoaded(compiled, { args: [], stdout: stream, stderr: stream }, memory, suspension);
}

Deno.test("a component that imports two versions of an interface is given each as it asks for it", async () => {
  assertEquals(await (await edges()).callable("version")(), 1);
});

Deno.test("fields whose names in JavaScript would be the same keep their labels", async () => {
  assertEquals(await (await edges()).callable("both")({ "a-1": 4, a1: 3 }), 4003);
});

Deno.test("a flag that is called as what every object has is not set unless it is", async () => {
  const instance = await edges();
  assertEquals(await instance.callable("bits")({ x: true }), 4);
  assertEquals(await instance.callable("bits")({ constructor: true, toString: true }), 3);
});

Deno.test("a start function that waits is told so", async () => {
  const component = await load(fixture("waiting_start"));
  const compiled = { name: "waiting", version: "v1.0.0", hash: "", component, waits: component.waits };
  const session = new Session({
    load: () => Promise.resolve(compiled),
    limits: DEFAULT_LIMITS,
    memory: new MemoryBudget(DEFAULT_LIMITS, { whose: "this test" }),
    watch: NO_WATCH,
  }, 1);
  const found = await session.resolve("waiting", undefined, "f", 0);
  const call = async () => await session.call(found, [], { id: 1, output: () => {} });
  const error = await assertRejects(call, GhostError);
  assertEquals(error.code, "TRAP");
  assertEquals(
    error.message,
    "waiting trapped: it waited in a start function, or in another that may not wait",
  );
});

Deno.test("a thread starts with a function of its type, and with no other", async () => {
  assertEquals(await (await edges()).callable("long")(), 2);
  const short = (await edges()).callable("short");
  await assertRejects(
    async () => await short(),
    Error,
    "the function of that index in the table is of another type",
  );
});

Deno.test("each field of a type counts whenever the component that has it is instantiated", async () => {
  const fields = Array.from({ length: 20_000 }, (_, index) => [...longText(`n${index}`), 0x7d]);
  const inner = component(longSection(7, vector([0x72].concat(vector(...fields)))));
  const instances = vector(...Array.from({ length: 10_000 }, () => [0, 0, 0]));
  const whole = component(longSection(4, Array.from(inner)), longSection(5, instances));
  const error = await assertRejects(() => load(whole), GhostError, "more than 100000 definitions and parts");
  assertEquals(error.code, "NOT_A_MODULE");
});

Deno.test("a function that is lowered and lifted again waits for what it calls", async () => {
  const { exports, store } = instantiateComponent(await load(fixture("relift")), {
    world: { interfaces: {}, root: { functions: { later: (x: number) => Promise.resolve(x + 1) } } },
    makeMemories: () => [],
    suspension: { suspended: () => {}, resumed: () => {} },
  });
  const [[, , callee]] = [...functionsOf(exports)] as [readonly [undefined, string, ComponentFunction]];
  store.begin();
  assertEquals(await callee.call([41], undefined, KEEP, 0), 42);
});
