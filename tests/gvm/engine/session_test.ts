// A session in this process: no executor, no wire.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { compileModule } from "../../../gvm/engine/compiled_module.ts";
import { checkLimits, DEFAULT_LIMITS, GREATEST_LIMITS } from "../../../gvm/engine/execution_limits.ts";
import { MemoryBudget } from "../../../gvm/engine/memory_budget.ts";
import { Session } from "../../../gvm/engine/session.ts";
import type { Watch } from "../../../gvm/engine/watch.ts";
import { FileSystem, Quota } from "../../../gvm/wasi/mod.ts";
import { assertFails, TestModules } from "../harness.ts";

/** Notes who is said to have the thread. */
class NotingWatch implements Watch {
  readonly events: string[] = [];
  #mark = 0;
  enter(_session: number, id: number): number {
    this.events.push(`enter ${id}`);
    return ++this.#mark;
  }
  leave(): void {
    this.events.push("leave");
  }
}

const newMemory = () => new MemoryBudget(DEFAULT_LIMITS, { whose: "this test" });

function openSession(watch: Watch = new NotingWatch(), memory = newMemory()): Session {
  const modules = new TestModules();
  const load = async (name: string) => {
    const found = await modules.resolve(name);
    return await compileModule(await modules.bytes(found.hash), found, DEFAULT_LIMITS);
  };
  return new Session({ load, limits: DEFAULT_LIMITS, memory, watch }, 1);
}

let lastId = 0;
const newCall = () => ({ id: ++lastId, output: () => {} });

Deno.test("a function that cannot wait answers at once, once its instance is there", async () => {
  const session = openSession();
  const next = await session.resolve("counter", undefined, "next", 0);
  assertEquals(await session.call(next, [], newCall()), 1);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(session.call(next, [], newCall()), 2);
  assertEquals((await session.resolve("counter", undefined, "next", 0)).handle, next.handle);
});

Deno.test("the watch is told exactly when a call has the thread", async () => {
  const watch = new NotingWatch();
  const session = openSession(watch);
  const talk = await session.resolve("waits", undefined, "talk", 0);
  await session.call(talk, [50], { id: 5, output: () => void watch.events.push("output") });
  assertEquals(watch.events, [
    ...["enter 5", "leave"], // its instance is made
    ...["enter 5", "leave"], // _initialize
    ...["enter 5", "output", "leave", "enter 5", "output", "leave"],
  ]);
});

Deno.test("a call that was cancelled before it came is not made", async () => {
  const session = openSession();
  const next = await session.resolve("counter", undefined, "next", 0);
  session.cancel(1001);
  assertEquals(
    assertThrows(() => session.call(next, [], { id: 1001, output: () => {} }), GhostError).code,
    "CANCELLED",
  );
  assertEquals(await session.call(next, [], { id: 1001, output: () => {} }), 1);
  session.cancel(1002);
  await assertFails(
    "CANCELLED",
    session.run("greet", undefined, { id: 1002, args: ["greet"], output: () => {} }),
  );
});

Deno.test("cancellations of calls that never come are forgotten in the end", async () => {
  const session = openSession();
  const next = await session.resolve("counter", undefined, "next", 0);
  for (let id = 1; id <= 5000; id++) session.cancel(id);
  assertEquals(await session.call(next, [], { id: 1, output: () => {} }), 1);
  assertThrows(() => session.call(next, [], { id: 5000, output: () => {} }), GhostError);
});

Deno.test("a call that is cancelled as soon as it came is not made", async () => {
  const session = openSession();
  const next = await session.resolve("waits", undefined, "next", 0);
  for (let call = 0; call < 2; call++) {
    const cancelled = assertFails(
      "CANCELLED",
      session.call(next, [], { id: 2000 + call, output: () => {} }) as Promise<unknown>,
    );
    session.cancel(2000 + call);
    await cancelled;
  }
  assertEquals(await session.call(next, [], newCall()), 101);
  const cancelled = assertFails(
    "CANCELLED",
    session.call(next, [], { id: 3000, output: () => {} }) as Promise<unknown>,
  );
  session.cancel(3000);
  await cancelled;
  assertEquals(await session.call(next, [], newCall()), 102, "the state is as it was");
});

Deno.test("calls that wait for their turn are bounded", async () => {
  const session = openSession();
  const sleep = await session.resolve("waits", undefined, "sleep", 0);
  const calls: Promise<unknown>[] = [];
  const flood = () => {
    for (;;) calls.push(assertFails("CANCELLED", session.call(sleep, [1e6], newCall()) as Promise<unknown>));
  };
  const error = assertThrows(flood, GhostError);
  assertEquals(error.code, "TOO_MANY_REQUESTS");
  assert(error.retryable && calls.length >= 1000);
  session.close();
  await Promise.all(calls);
  assertEquals(await session.call(sleep, [0], newCall()), undefined);
});

Deno.test("a call under the id of one that waits is refused, so each is counted and can be cancelled", async () => {
  const session = openSession();
  const sleep = await session.resolve("waits", undefined, "sleep", 0);
  const call = newCall();
  const first = session.call(sleep, [10_000], call);
  assertEquals(assertThrows(() => session.call(sleep, [1], call), GhostError).code, "BAD_REQUEST");
  session.cancel(call.id);
  await assertFails("CANCELLED", first as Promise<unknown>);
  await session.call(sleep, [1], call);
  session.close();
});

Deno.test("calls of one instance are made one after the other, in order", async () => {
  const session = openSession();
  const talk = await session.resolve("waits", undefined, "talk", 0);
  const next = await session.resolve("waits", undefined, "next", 0);
  const order: unknown[] = [];
  const calls = [
    session.call(talk, [30], newCall()),
    session.call(next, [], newCall()),
    session.call(talk, [1], newCall()),
    session.call(next, [], newCall()),
  ] as Promise<unknown>[];
  await Promise.all(calls.map((call) => call.then((value) => order.push(value))));
  assertEquals(order, [30, 101, 1, 102]);
});

Deno.test("a session that ends ends its calls", async () => {
  const session = openSession();
  const sleep = await session.resolve("waits", undefined, "sleep", 0);
  const calls = [1, 2, 3].map(() => session.call(sleep, [1e6], newCall()) as Promise<unknown>);
  const failed = calls.map((call) => assertFails("CANCELLED", call));
  // The first has begun to sleep once its instance is there.
  await new Promise((resolve) => setTimeout(resolve));
  session.close();
  await Promise.all(failed);
});

Deno.test("a reset during a call ends with that call, and the memory counts until then", async () => {
  const memory = newMemory();
  const session = openSession(new NotingWatch(), memory);
  const talk = await session.resolve("waits", undefined, "talk", 0);
  const next = await session.resolve("waits", undefined, "next", 0);
  assertEquals(await session.call(next, [], newCall()), 101);
  const call = session.call(talk, [1e6], { id: 77_777, output: () => session.reset("waits") }) as Promise<
    unknown
  >;
  const cancelled = assertFails("CANCELLED", call);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(memory.bytes, 65_536);
  session.cancel(77_777);
  await cancelled;
  assertEquals(memory.bytes, 0);
  assertEquals(await session.call(next, [], newCall()), 101);
});

Deno.test("a version that a newer one has replaced keeps its state while half of the memory is free, or if it was named", async () => {
  const limits = { ...DEFAULT_LIMITS, memory: 4 * 65_536 };
  const modules = new TestModules();
  const memory = new MemoryBudget(limits, { whose: "this test" });
  let newest = 0;
  /** `waits` with another custom section in each version. */
  const load = async (name: string, version = `v${newest}`) => {
    const bytes = [...modules.bytesOf("waits"), 0, 2, 1, 0x40 + Number(version.slice(1))];
    modules.add(name, Uint8Array.from(bytes));
    const found = await modules.resolve(name);
    return await compileModule(await modules.bytes(found.hash), { ...found, version }, limits);
  };
  const session = new Session({ load, limits, memory, watch: new NotingWatch() }, 1);
  const next = async (version?: string) =>
    await session.call(await session.resolve("m", version, "next", 0), [], newCall());
  for (newest = 1; newest <= 3; newest++) assertEquals(await next(), 101);
  newest = 1;
  const old = await session.resolve("m", undefined, "next", 0);
  newest = 3;
  await session.resolve("m", undefined, "next", 0);
  assertEquals([await session.call(old, [], newCall()), await next("v2")], [102, 102]);
  newest = 4;
  assertEquals(await next(), 101);
  assertEquals(memory.bytes, 2 * 65_536);
  assertEquals([await session.call(old, [], newCall()), await next("v2"), await next()], [101, 103, 102]);
});

Deno.test("a file that a run has removed and left open does not count when it has ended", async () => {
  const modules = new TestModules();
  const load = async () => {
    const bytes = await Deno.readFile(new URL("../wasi/fixtures/files.wasm", import.meta.url));
    modules.add("files", bytes);
    return await compileModule(bytes, await modules.resolve("files"), DEFAULT_LIMITS);
  };
  const watch = new NotingWatch();
  const session = new Session({ load, limits: DEFAULT_LIMITS, memory: newMemory(), watch }, 1);
  const quota = new Quota();
  const preopens = [{ name: "/", fileSystem: new FileSystem(quota) }];
  const exitCode = await session.run("files", undefined, { ...newCall(), args: ["files"], preopens });
  assertEquals([exitCode, quota.bytes, quota.inodes], [0, new Quota().bytes, new Quota().inodes]);
});

Deno.test("limits are whole numbers within bounds", async () => {
  assertEquals(checkLimits(), DEFAULT_LIMITS);
  assertEquals(checkLimits({ time: 5 }).time, 5);
  assertEquals(checkLimits(GREATEST_LIMITS), GREATEST_LIMITS);
  for (const time of [0, -1, 1.5, NaN, Infinity, 2 ** 31]) {
    const error = await assertRejects(() => Promise.try(checkLimits, { time }), GhostError);
    assertEquals(error.code, "BAD_ARGUMENTS");
  }
});
