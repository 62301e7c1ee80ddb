// Limits really end things: an endless call is ended in time, whatever it does, and nothing else notices.
import { formatFunction } from "../../../gmp/types/function_signature.ts";
import { assert, assertEquals } from "@std/assert";
import type { ErrorCode } from "../../../gmp/errors.ts";
import {
  assertFails,
  type Caller,
  elapsed,
  Harness,
  isRunning,
  nextText,
  processorIsIdle,
} from "../harness.ts";

const TIME = 300;
/** How late a limit may fire: issue 3 has half a second. */
const LATE = 500;

const limits = { time: TIME, output: 100_000 };

/** What must be ended, by the function or program that never ends, and the code that its caller gets. */
const ENDLESS: [what: string, action: (caller: Caller) => Promise<unknown>, code: ErrorCode][] = [
  ["a loop in a function", (caller) => caller.call("endless_plain.loop"), "TIME_LIMIT"],
  ["a loop in a function that could wait", (caller) => caller.call("endless.loop"), "TIME_LIMIT"],
  ["a loop in _start", (caller) => caller.run("endless", ["loop"]).exitCode, "TIME_LIMIT"],
  [
    "a loop in the start section of a function's module",
    (caller) => caller.call("start_loop.call"),
    "TIME_LIMIT",
  ],
  ["a loop in the start section of a program", (caller) => caller.run("start_loop").exitCode, "TIME_LIMIT"],
  ["a sleep in a function", (caller) => caller.call("endless.sleep"), "TIME_LIMIT"],
  ["a sleep in _start", (caller) => caller.run("endless", ["sleep"]).exitCode, "TIME_LIMIT"],
  ["a loop after a sleep", (caller) => caller.call("waits.sleep_then_loop", [1]), "TIME_LIMIT"],
  ["a read of standard input in _start", (caller) => readForever(caller), "TIME_LIMIT"],
  ["recursion in a function", (caller) => caller.call("endless_plain.recurse"), "TRAP"],
  ["recursion in a function that could wait", (caller) => caller.call("endless.recurse"), "TRAP"],
  ["recursion in _start", (caller) => caller.run("endless", ["recurse"]).exitCode, "TRAP"],
  [
    "recursion in the start section of a function's module",
    (caller) => caller.call("start_recurse.call"),
    "TRAP",
  ],
  ["recursion in the start section of a program", (caller) => caller.run("start_recurse").exitCode, "TRAP"],
  ["output of a function", (caller) => caller.call("endless_plain.print"), "OUTPUT_LIMIT"],
  ["output of a function that could wait", (caller) => caller.call("endless.print"), "OUTPUT_LIMIT"],
  ["output of _start", (caller) => caller.run("endless", ["print"]).exitCode, "OUTPUT_LIMIT"],
  ["output of a function that catches the error", (caller) => caller.call("catching.print"), "OUTPUT_LIMIT"],
  ["output of _start that catches it", (caller) => caller.run("catching").exitCode, "OUTPUT_LIMIT"],
  ["output of _start that then exits", (caller) => caller.run("catching", ["exit"]).exitCode, "OUTPUT_LIMIT"],
];

async function readForever(caller: Caller): Promise<number> {
  const never = Promise.withResolvers<Uint8Array>();
  async function* stdin() {
    yield await never.promise;
  }
  try {
    return await caller.run("program", ["talk"], { stdin: stdin() }).exitCode;
  } finally {
    never.resolve(new Uint8Array(0));
  }
}

Deno.test("endless calls end within their limit, and the next call works at once", async (t) => {
  await using harness = new Harness({ limits });
  const caller = await harness.caller();
  for (const [what, action, code] of ENDLESS) {
    await t.step(`${what}: ${code}`, async () => {
      // What it needs is compiled first: the limit is of the call.
      assertEquals(await caller.call("endless_plain.next"), 1);
      const time = await elapsed(() => assertFails(code, action(caller)));
      assert(time < TIME + LATE, `it took ${time} ms`);
      const next = await elapsed(async () => assertEquals(await caller.run("greet", []).exitCode, 0));
      assert(next < 2000, `the next call took ${next} ms`);
      await caller.client.reset({ module: "endless_plain" });
    });
  }
  await processorIsIdle();
});

Deno.test("an executor that must be ended is gone, and others do not notice", async () => {
  await using harness = new Harness({ limits: { ...limits, time: 1000 } });
  const [looping, other] = [await harness.caller(), await harness.caller()];
  const before = harness.executors;
  assertEquals(await other.call("counter.next"), 1);
  let ended = false;
  const loop = assertFails("TIME_LIMIT", looping.call("endless_plain.loop")).finally(() => ended = true);
  let answers = 1;
  while (!ended) assertEquals(await other.call("counter.next"), ++answers);
  await loop;
  assert(answers > 100, `${answers} answers in a second`);
  assertEquals(await looping.call("counter.next"), 1);
  assertEquals(before.filter(isRunning).length, 1, "the executor of the loop is gone, the other one is not");
  assertEquals(harness.executors.length, 2);
  await processorIsIdle();
});

Deno.test("who shares an executor with an endless call", async (t) => {
  await using harness = new Harness({ limits: { ...limits, time: 600 }, size: 1 });

  await t.step("sessions on the same executor are told that it was restarted, and then work", async () => {
    const [looping, neighbour] = [await harness.caller(), await harness.caller()];
    assertEquals(await neighbour.call("counter.next"), 1);
    const next = await neighbour.client.resolve({ module: "counter", function: "next" });
    const loop = assertFails("TIME_LIMIT", looping.call("endless_plain.loop"));
    // Called until one is sent while the loop has the thread.
    const failed = (async () => {
      for (;;) await neighbour.client.call(next, []);
    })();
    const error = await assertFails("EXECUTOR_RESTARTED", failed);
    assert(error.retryable);
    assertEquals(await neighbour.client.call(next, []), 1);
    await loop;
  });

  await t.step("what is looked up behind an endless call is looked up at the next executor", async () => {
    const [looping, neighbour] = [await harness.caller(), await harness.caller()];
    const spin = await looping.client.resolve({ module: "counter", function: "spin" });
    const known = await neighbour.client.resolve({ module: "counter", function: "next" });
    const loop = assertFails("TIME_LIMIT", looping.client.call(spin, []));
    // Asked until one is asked while the loop has the thread: then the call behind it is told that the executor was restarted.
    for (;;) {
      const found = neighbour.client.resolve({ module: "counter", function: "next" });
      const call = await neighbour.client.call(known, []).then(() => "returned", (error) => error.code);
      assertEquals(formatFunction("next", (await found).signature), "next() -> i32");
      if (call === "EXECUTOR_RESTARTED") break;
      assertEquals(call, "returned");
    }
    await loop;
  });

  await t.step("the call that loops is the one that is blamed, not one that waits beside it", async () => {
    const [looping, sleeping] = [await harness.caller(), await harness.caller()];
    const [loop, sleep] = [
      await looping.client.resolve({ module: "waits", function: "sleep_then_loop" }),
      await sleeping.client.resolve({ module: "waits", function: "sleep" }),
    ];
    // Both wait until the same instant, so that they are resumed in the same turn of the event loop.
    const calls = [0, 1, 2].map(() => sleeping.client.call(sleep, [20]));
    const blamed = assertFails("TIME_LIMIT", looping.client.call(loop, [20]));
    const others = [...calls, sleeping.client.call(sleep, [100])].map((call) =>
      call.catch((error) => error.code)
    );
    await blamed;
    for (const other of await Promise.all(others)) {
      assert(other === undefined || other === "EXECUTOR_RESTARTED", other);
    }
  });

  await t.step("programs that go on in the same turn are told apart", async () => {
    const caller = await harness.caller();
    const input = Promise.withResolvers<Uint8Array>();
    async function* stdin() {
      yield await input.promise;
    }
    const runs = ["loop", "talk", "talk"].map((command) =>
      caller.run("program", [command], { stdin: stdin() })
    );
    for (const run of runs) assertEquals(await nextText(run[Symbol.asyncIterator]()), "one\n");
    // All three wait for their input, which comes in one packet: the first keeps the thread before the others have it.
    input.resolve(new TextEncoder().encode("x"));
    const [loop, ...others] = runs.map(({ exitCode }) => exitCode);
    await Promise.all([
      assertFails("TIME_LIMIT", loop!),
      ...others.map((other) => assertFails("EXECUTOR_RESTARTED", other)),
    ]);
  });

  await t.step("programs that start in the same turn are told apart", async () => {
    const caller = await harness.caller();
    await caller.run("program").exitCode;
    await caller.run("endless").exitCode;
    const loop = assertFails("TIME_LIMIT", caller.run("endless", ["loop"]).exitCode);
    const others = [0, 1, 2].map(() => caller.run("program").exitCode.catch(({ code }) => code));
    await loop;
    for (const other of others) assert([0, "EXECUTOR_RESTARTED"].includes(await other));
  });
});

Deno.test("a queue of calls behind an endless one is told that the executor was restarted", async () => {
  await using harness = new Harness({ limits });
  const caller = await harness.caller();
  const loop = await caller.client.resolve({ module: "counter", function: "spin" });
  const next = await caller.client.resolve({ module: "counter", function: "next" });
  const calls = [
    caller.client.call(loop, []),
    ...Array.from({ length: 20 }, () => caller.client.call(next, [])),
  ];
  const [first, ...rest] = calls;
  await Promise.all([
    assertFails("TIME_LIMIT", first!),
    ...rest.map((call) => assertFails("EXECUTOR_RESTARTED", call)),
  ]);
  assertEquals(await caller.client.call(next, []), 1);
});
