// Components in a session of this process: no executor, no wire. examples/greeter has their source.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { sha256 } from "../../../gmp/wasm_format/sha256.ts";
import { compileModule } from "../../../gvm/engine/compiled_module.ts";
import { DEFAULT_LIMITS } from "../../../gvm/engine/execution_limits.ts";
import { MemoryBudget } from "../../../gvm/engine/memory_budget.ts";
import type { HeldResource } from "../../../gvm/engine/function_instance.ts";
import { Session } from "../../../gvm/engine/session.ts";
import { NO_WATCH } from "../../../gvm/engine/watch.ts";

const GREETER = Deno.readFileSync(new URL("../../../examples/greeter/greeter.wasm", import.meta.url));

function openSession(memory = new MemoryBudget(DEFAULT_LIMITS, { whose: "this test" })): Session {
  const load = async (name: string) => {
    const hash = await sha256([GREETER], GREETER.length);
    return await compileModule(GREETER, { name, version: "1.0.0", hash }, DEFAULT_LIMITS);
  };
  return new Session({ load, limits: DEFAULT_LIMITS, memory, watch: NO_WATCH }, 1);
}

let lastId = 0;
const newCall = () => ({ id: ++lastId, output: () => {} });

async function call(session: Session, name: string, ...args: unknown[]): Promise<unknown> {
  const found = await session.resolve("greeter", undefined, name, 0);
  return await session.call(found, args, newCall());
}

Deno.test("a function of a component takes and returns values of any type", async () => {
  const session = openSession();
  assertEquals(await call(session, "greet", "Ada"), "Hello, Ada!");
  assertEquals(await call(session, "greet", "Ж🍰".repeat(1000)), `Hello, ${"Ж🍰".repeat(1000)}!`);
  const ada = { name: "Ada", age: 36, tags: ["x", "yz"], balance: 12.5 };
  assertEquals(await call(session, "birthday", ada), { ...ada, age: 37, balance: 25, email: undefined });
  const known = { ...ada, email: "a@b.c" };
  assertEquals(await call(session, "birthday", known), { ...known, age: 37, balance: 25 });
  assertEquals(await call(session, "size", new Uint8Array(100_000)), 100_000);
  assertEquals(await call(session, "sum", new Uint32Array([1, 2, 4_000_000_000])), 4_000_000_003n);
  assertEquals(await call(session, "sum", [1, 2]), 3n);
});

Deno.test("a list that changes while it is passed has the elements that it had room for", async () => {
  const session = openSession();
  const list: number[] = [1, 2];
  const grows = Object.defineProperty(list, 0, { get: () => (list.push(100), 1) });
  assertEquals(await call(session, "sum", grows), 3n);
  const shrinks = [1, 2];
  Object.defineProperty(shrinks, 0, { get: () => (shrinks.length = 1) });
  const error = await assertRejects(() => call(session, "sum", shrinks), GhostError, "[1] is undefined");
  assertEquals(error.code, "BAD_ARGUMENTS");
});

Deno.test("a result comes as it is, and the instance goes on after an error", async () => {
  const session = openSession();
  assertEquals(await call(session, "area", { tag: "rect", val: [2, 3] }), { tag: "ok", val: 6 });
  const counter = await call(session, "counter", 5);
  assertEquals(await call(session, "area", { tag: "empty" }), { tag: "err", val: "nothing to measure" });
  assertEquals(await call(session, "counter.next", counter), 5);
});

Deno.test("a resource is lent to a method, given away to others, and gone with its instance", async () => {
  const session = openSession();
  const [a, b] = [await call(session, "counter", 5), await call(session, "counter", 10)];
  assertEquals(await call(session, "counter.next", a), 5);
  const sum = await call(session, "counter.merge", a, b);
  assertEquals(await call(session, "counter.next", sum), 16);
  const gone = await assertRejects(() => call(session, "counter.next", a), GhostError);
  assertEquals(gone.code, "RESOURCE_GONE");
  assertEquals(await call(session, "counter.next", sum), 17);
  session.reset("greeter");
  const ended = await assertRejects(() => call(session, "counter.next", sum), GhostError);
  assertEquals(ended.code, "RESOURCE_GONE");
});

Deno.test("a value that does not fit is refused where it is, and nothing is lost", async () => {
  const session = openSession();
  const counter = await call(session, "counter", 1);
  const refused = async (name: string, ...args: unknown[]): Promise<string> => {
    const error = await assertRejects(() => call(session, name, ...args), GhostError);
    assertEquals(error.code, "BAD_ARGUMENTS");
    return error.message;
  };
  const ada = { name: "Ada", age: 36, tags: ["x", "yz"], balance: 12.5 };
  assertEquals(await refused("greet", 7), "Cannot call greet: name is 7, not a string");
  assertEquals(
    await refused("birthday", { ...ada, age: -1 }),
    "Cannot call birthday: p.age is -1, not an integer from 0 to 4294967295",
  );
  assertEquals(
    await refused("birthday", { ...ada, tags: ["x", null] }),
    "Cannot call birthday: p.tags[1] is null, not a string",
  );
  const unreadable = Object.defineProperty({ ...ada }, "age", {
    get() {
      throw new Error("not today");
    },
  });
  assertEquals(await refused("birthday", unreadable), "Cannot read the arguments: not today");
  assertEquals(await refused("greet"), "Cannot call greet: it takes 1 arguments, not 0");
  assertEquals(
    await refused("counter.next", {}),
    "Cannot call [method]counter.next: self is an object, not a resource counter",
  );
  assertEquals(await call(session, "counter.next", counter), 1);
});

Deno.test("a call that is refused takes nothing: neither what it was given nor what it was lent", async () => {
  const session = openSession();
  const [a, gone, b] = await Promise.all([5, 10, 20].map((start) => call(session, "counter", start)));
  (gone as HeldResource).drop();
  // More often than an instance may have handles.
  const merge = await session.resolve("greeter", undefined, "counter.merge", 0);
  for (let i = 0; i < 33_000; i++) {
    const error = assertThrows(() => session.call(merge, [a, gone], newCall()), GhostError);
    if (error.code !== "RESOURCE_GONE") throw error;
  }
  const unfit = await assertRejects(() => call(session, "counter.merge", a, 7), GhostError);
  assertEquals(unfit.code, "BAD_ARGUMENTS");
  const twice = await assertRejects(() => call(session, "counter.merge", a, a), GhostError);
  assertEquals(twice.code, "RESOURCE_GONE");
  assertEquals(await call(session, "counter.next", a), 5);
  assertEquals(await call(session, "counter.next", await call(session, "counter.merge", a, b)), 26);
});

Deno.test("functions are found by their short name, with their interface, and in full", async () => {
  const session = openSession();
  const find = (name: string) => session.resolve("greeter", undefined, name, 0);
  const { handle, component } = await find("greet");
  assertEquals(component, { types: [], parameters: [["name", "string"]], result: "string" });
  for (const name of ["greeter.greet", "ghost:demo/greeter@1.0.0.greet"]) {
    assertEquals((await find(name)).name, "ghost:demo/greeter@1.0.0#greet");
  }
  assertEquals((await find("greet")).handle, handle);
  const error = await assertRejects(() => find("gret"), GhostError);
  assertEquals(error.code, "FUNCTION_NOT_FOUND");
  assertEquals(error.details, { suggestion: "greet" });
});

Deno.test("the memories of a component count, and no more once it is gone", async () => {
  const memory = new MemoryBudget(DEFAULT_LIMITS, { whose: "this test" });
  const session = openSession(memory);
  assertEquals(await call(session, "greet", "x".repeat(1 << 20)), `Hello, ${"x".repeat(1 << 20)}!`);
  assertEquals(memory.bytes > 1 << 20, true);
  session.close();
  assertEquals(memory.bytes, 0);
});

Deno.test("a component that does not fit into the memory is refused", async () => {
  const memory = new MemoryBudget({ ...DEFAULT_LIMITS, memory: 1 << 16 }, { whose: "this test" });
  const session = openSession(memory);
  const error = await assertRejects(() => call(session, "greet", "Ada"), GhostError);
  assertEquals(error.code, "MEMORY_LIMIT");
  assertThrows(() => memory.make([{ minimum: 2, shared: false, is64: false }], 0, "another"), GhostError);
});
