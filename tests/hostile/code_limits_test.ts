/** Modules whose code costs more than what they do: in memory, when V8 compiles them, and in time, when they are loaded. */
import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import type { GhostError } from "../../gmp/errors.ts";
import { assertFails, type Caller, elapsed, Harness, isRunning, residentMegabytes } from "../gvm/harness.ts";
import { manyLocals, manyResults } from "./_costly_modules.ts";

const MEGABYTE = 1 << 20;
/** Small, so that a test takes a second; the ceiling of a process is the sum, files counted twice. */
const limits = { memory: 16 * MEGABYTE, files: MEGABYTE, engine: 256 * MEGABYTE };
const CEILING = 274;
/** What a process may grow by between a look and its end. */
const LATE = 80;

/** The most megabytes that any of `pids` had while `action` took place. */
async function peakOf(pids: readonly number[], action: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  const timer = setInterval(() => {
    for (const pid of pids) if (isRunning(pid)) peak = Math.max(peak, residentMegabytes(pid));
  }, 5);
  try {
    await action();
    return peak;
  } finally {
    clearInterval(timer);
  }
}

/** A function that is called until that fails, and how it does. It is looked up first: a look-up is made again. */
async function calledUntilFailure(caller: Caller): Promise<{ failure: Promise<GhostError> }> {
  const next = await caller.client.resolve({ module: "counter", function: "next" });
  const calls = (async () => {
    for (;;) await caller.client.call(next, []);
  })();
  return { failure: assertFails("EXECUTOR_RESTARTED", calls) };
}

Deno.test("code that takes gigabytes to compile ends its executor at the ceiling, and no other", async () => {
  await using harness = new Harness({ limits, size: 2 });
  harness.modules.add("bomb", manyLocals(1_000_000));
  const [attacker, other] = [await harness.caller(), await harness.caller()];
  const before = harness.executors;
  assertEquals(await other.call("counter.next"), 1);
  assertEquals(await attacker.call("counter.next"), 1);
  const waiting = assertFails("EXECUTOR_RESTARTED", attacker.run("endless", ["sleep"]).exitCode);
  const peak = await peakOf(before, async () => {
    const error = await assertFails("MEMORY_LIMIT", attacker.call("bomb.f", [0]));
    assertMatch(
      error.message,
      /took more memory than its limit of 287309824 bytes, code and engine included$/,
    );
  });
  assert(peak < CEILING + LATE, `${peak} MB`);
  assertMatch((await waiting).message, /took more memory than its limit/);
  assertEquals([await attacker.call("counter.next"), await other.call("counter.next")], [1, 2]);
  assertEquals(before.filter(isRunning).length, 1);
});

Deno.test("executors that such code ends, and that end for another reason", async (t) => {
  await using harness = new Harness({ limits, size: 1 });
  harness.modules.add("bomb", manyLocals(200_000));

  await t.step(
    "who shares an executor with such code is told that it was restarted, and why; again and again",
    async () => {
      const [attacker, neighbour] = [await harness.caller(), await harness.caller()];
      for (let round = 0; round < 2; round++) {
        const { failure } = await calledUntilFailure(neighbour);
        await assertFails("MEMORY_LIMIT", attacker.call("bomb.f", [0]));
        assertMatch((await failure).message, /memory/);
        assertEquals(harness.executors.length, 1);
      }
      assertEquals(await neighbour.call("counter.next"), 1);
    },
  );

  await t.step(
    "an executor that ends for another reason later is not said to have taken too much memory",
    async () => {
      const caller = await harness.caller();
      await assertFails("MEMORY_LIMIT", caller.call("bomb.f", [0]));
      assertEquals(await caller.call("counter.next"), 1);
      const { failure } = await calledUntilFailure(caller);
      Deno.kill(harness.executors[0]!, "SIGKILL");
      const { message } = await failure;
      assertFalse(/memory/.test(message), message);
    },
  );
});

Deno.test("loading counts: who asked gets TIME_LIMIT, who did not is told that the executor was restarted", async () => {
  await using harness = new Harness({ limits: { time: 500 }, size: 1 });
  harness.modules.add("slow", manyResults(6));
  const [first, second, neighbour] = [
    await harness.caller(),
    await harness.caller(),
    await harness.caller(),
  ];
  assertEquals(await neighbour.call("counter.next"), 1);
  const { failure } = await calledUntilFailure(neighbour);
  const time = await elapsed(async () => {
    const asked = [first.client.resolve({ module: "slow", function: "f" }), second.run("slow").exitCode];
    for (const error of await Promise.all(asked.map((one) => assertFails("TIME_LIMIT", one)))) {
      assertEquals(error.message, "Loading the module took longer than the time limit of 500 ms");
    }
  });
  assert(time < 2500, `it took ${time} ms`);
  await failure;
  assertEquals(await second.call("counter.next"), 1);
});

Deno.test("a module that is fetched slowly is loaded all the same", async () => {
  await using harness = new Harness({ limits: { time: 300 }, size: 1 });
  const { modules } = harness;
  const bytes = modules.bytes.bind(modules);
  modules.bytes = async (hash) => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    return await bytes(hash);
  };
  const caller = await harness.caller();
  assertEquals(await caller.call("counter.next"), 1);
});
