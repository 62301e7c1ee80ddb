import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import type { Resource } from "../../../gvm/calls/resource.ts";
import { SessionClient } from "../../../gvm/calls/session_client.ts";
import { assertFails, type Caller, elapsed, Harness, nextText } from "../harness.ts";

const encoder = new TextEncoder();

/** An input that never comes. */
async function* silence(): AsyncGenerator<Uint8Array> {
  yield await new Promise<never>(() => {});
}

/** Starts something that is aborted once `started` says so; it must fail with `CANCELLED` soon. */
async function assertCancelled(
  start: (signal: AbortSignal) => Promise<unknown>,
  started: () => Promise<unknown>,
): Promise<void> {
  const controller = new AbortController();
  const cancelled = assertFails("CANCELLED", start(controller.signal));
  await started();
  const reason = new Error("enough");
  const time = await elapsed(async () => {
    controller.abort(reason);
    assertStrictEquals((await cancelled).cause ?? reason, reason);
  });
  assert(time < 1000, `it took ${time} ms`);
}

Deno.test("an aborted signal stops what waits, and nothing else notices", async (t) => {
  await using harness = new Harness({ size: 1 });
  const [caller, other] = [await harness.caller(), await harness.caller()];
  const [pid] = harness.executors;
  let calls = 0;
  /** What another session is told comes after what this one was told before. */
  const received = () => other.call("counter.next").then(() => caller.call("counter.next"));

  const stops = (what: string, start: (signal: AbortSignal) => Promise<unknown>, started = received) =>
    t.step(what, async () => {
      await assertCancelled(start, started);
      assertEquals(await caller.call("endless_plain.next"), ++calls);
      assertEquals(harness.executors, [pid]);
    });

  await stops("a sleeping call", (signal) => caller.call("waits.sleep", [1e6], { signal }));
  await t.step(
    "and its instance is a new one",
    async () => assertEquals(await caller.call("waits.next"), 101),
  );
  await stops("a call that catches it", (signal) => caller.call("waits.stubborn", [1e6], { signal }));
  await stops(
    "a call whose _initialize sleeps",
    (signal) => caller.call("slow_initialize.call", [], { signal }),
  );
  await stops("a run that sleeps", (signal) => caller.run("program", ["sleep", "1000"], { signal }).exitCode);
  await stops(
    "a run that waits for standard input",
    (signal) => caller.run("program", ["talk"], { signal, stdin: silence() }).exitCode,
  );
  await t.step("a call in the queue, but not the one before it", async () => {
    const sleep = await caller.client.resolve({ module: "waits", function: "talk" });
    const controller = new AbortController();
    const first = caller.client.call(sleep, [1000]);
    const second = assertFails("CANCELLED", caller.client.call(sleep, [1e6], { signal: controller.signal }));
    const third = caller.client.call(sleep, [1]);
    await received();
    const order: string[] = [];
    controller.abort();
    await Promise.all([
      first.then(() => order.push("first")),
      second.then(() => order.push("second")),
      third.then(() => order.push("third")),
    ]);
    assertEquals(order, ["second", "first", "third"]);
  });
});

Deno.test("an aborted signal stops what keeps the thread, at the cost of its executor", async (t) => {
  await using harness = new Harness();
  const caller = await harness.caller();
  const loops: [string, (signal: AbortSignal) => Promise<unknown>][] = [
    ["a call", (signal) => caller.call("endless_plain.loop", [], { signal })],
    ["a call of a function that could wait", (signal) => caller.call("endless.loop", [], { signal })],
    ["a call that waited before", (signal) => caller.call("waits.sleep_then_loop", [1], { signal })],
    ["a start section", (signal) => caller.call("start_loop.call", [], { signal })],
    ["a run", (signal) => caller.run("endless", ["loop"], { signal }).exitCode],
  ];
  for (const [what, start] of loops) {
    await t.step(what, async () => {
      await caller.call("counter.next");
      // However far it has come by then: on its way, queued, or running.
      await assertCancelled(start, () => caller.client.connect());
      await caller.run("greet").exitCode;
      await assertCancelled(start, () => isBusy(harness.executors[0]!));
      assertEquals(await caller.call("counter.next"), 1);
    });
  }
});

/**
 * Resolves when the main thread of a process has run, or waited for a processor, for a tenth of a second without a pause, as no
 * start of anything does (proc(5), `schedstat`: nanoseconds of both).
 */
async function isBusy(pid: number): Promise<void> {
  const active = () => {
    const [ran, waited] = Deno.readTextFileSync(`/proc/${pid}/schedstat`).split(" ").map(Number);
    return [(ran! + waited!) / 1e6, performance.now()] as const;
  };
  for (let before = active(), busy = 0; busy < 5;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const now = active();
    busy = now[0] - before[0] > (now[1] - before[1]) / 2 ? busy + 1 : 0;
    before = now;
  }
}

Deno.test("a call behind another session's is given up, and never made", async () => {
  await using harness = new Harness({ size: 1, limits: { time: 1500 } });
  const [caller, busy] = [await harness.caller(), await harness.caller()];
  const next = await caller.client.resolve({ module: "counter", function: "next" });
  const run = busy.run("program", ["loop"]);
  const failed = assertFails("TIME_LIMIT", run.exitCode);
  await nextText(run[Symbol.asyncIterator]());
  await assertCancelled((signal) => caller.client.call(next, [], { signal }), () => Promise.resolve());
  await failed;
});

Deno.test("an endless call that was cancelled behind another session's does not run for long", async () => {
  await using harness = new Harness({ size: 1 });
  const [caller, busy] = [await harness.caller(), await harness.caller()];
  const loop = await caller.client.resolve({ module: "endless_plain", function: "loop" });
  const next = await caller.client.resolve({ module: "counter", function: "next" });
  for (let round = 0; round < 2; round++) {
    // The first time there is no instance yet, so that the call waits for its turn as well.
    const run = busy.run("program", ["busy", "300000000"]);
    const ended = run.exitCode.catch(({ code }) => code);
    await nextText(run[Symbol.asyncIterator]());
    await assertCancelled((signal) => caller.client.call(loop, [], { signal }), () => Promise.resolve());
    assert([0, "EXECUTOR_RESTARTED"].includes(await ended));
    const time = await elapsed(() => caller.client.call(next, []).catch(() => caller.client.call(next, [])));
    assert(time < 3000, `it took ${time} ms`);
  }
});

Deno.test("calls and signals of sessions that share an executor, which is ended at last", async (t) => {
  await using harness = new Harness({ size: 1 });

  await t.step("a signal that was aborted already stops everything before it is sent", async () => {
    const caller = harness.open();
    const signal = AbortSignal.abort(new Error("never"));
    await assertFails("CANCELLED", caller.run("greet", [], { signal }).exitCode);
    const next = await caller.client.resolve({ module: "counter", function: "next" });
    const error = await assertFails("CANCELLED", caller.client.call(next, [], { signal }));
    assertStrictEquals(error.cause, signal.reason);
    assertEquals(await caller.client.call(next, []), 1);
  });

  await t.step("a signal that aborts after the answer does nothing", async () => {
    const caller = await harness.caller();
    const controller = new AbortController();
    assertEquals(await caller.call("counter.next", [], { signal: controller.signal }), 1);
    assertEquals(await caller.run("greet", [], { signal: controller.signal }).exitCode, 0);
    controller.abort();
    assertEquals(await caller.call("counter.next"), 2);
  });

  await t.step("one signal stops many calls", async () => {
    const caller = await harness.caller();
    const sleep = await caller.client.resolve({ module: "waits", function: "sleep" });
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: 50 }, () => caller.client.call(sleep, [1e6], { signal }));
    await caller.call("counter.next");
    controller.abort();
    await Promise.all(calls.map((call) => assertFails("CANCELLED", call)));
    assertEquals(await caller.call("waits.next"), 101);
  });

  await t.step("sessions never see each other's state, and each sees its own", async () => {
    const [a, b] = [await harness.caller(), await harness.caller()];
    for (let count = 1; count <= 3; count++) {
      assertEquals(await a.call("counter.next"), count);
      assertEquals(await b.call("counter.next"), count);
    }
    await assertFails("TRAP", a.call("counter.trap"));
    assertEquals(await a.call("counter.next"), 1, "a trap resets the state");
    assertEquals(await b.call("counter.next"), 4, "but not that of others");
    await b.client.reset({ module: "counter" });
    assertEquals(await b.call("counter.next"), 1);
    await b.client.reset({ module: "no-such-module" });
    assertEquals(await a.call("counter.next"), 2);
  });

  await t.step("modules of the same content under two names have a state each", async () => {
    const caller = await harness.caller();
    harness.modules.add("twin", harness.modules.bytesOf("counter"));
    assertEquals(await caller.call("counter.next"), 1);
    assertEquals(await caller.call("counter.next"), 2);
    assertEquals(await caller.call("twin.next"), 1);
    await caller.client.reset({ module: "twin" });
    assertEquals(await caller.call("twin.next"), 1);
    assertEquals(await caller.call("counter.next"), 3);
  });

  await t.step("a signal ends what waits for a connection", async () => {
    const caller = await harness.caller();
    const next = await caller.client.resolve({ module: "counter", function: "next" });
    const nowhere = new SessionClient({ place: () => new Promise(() => {}), cancel: () => {} });
    const request = { module: "greet", argv: [] };
    for (
      const start of [
        (signal: AbortSignal) => nowhere.call(next, [], { signal }),
        (signal: AbortSignal) => nowhere.run({ ...request, signal }),
      ]
    ) await assertCancelled(start, () => Promise.resolve());
  });

  await t.step("a closed client refuses everything", async () => {
    const caller = await harness.caller();
    const next = await caller.client.resolve({ module: "counter", function: "next" });
    const sleeping = assertFails("CANCELLED", caller.call("waits.sleep", [1e6]));
    await caller.call("counter.next");
    caller.close();
    await sleeping;
    await assertFails("CANCELLED", caller.client.call(next, []));
    await assertFails("CANCELLED", caller.run("greet", [], { stdin: encoder.encode("x") }).exitCode);
  });

  await t.step("dropping a resource is no error when its session ends meanwhile", async () => {
    const caller = await harness.caller();
    const counter = await caller.call("greeter.counter", [5]) as Resource;
    const [pid] = harness.executors;
    Deno.kill(pid!, "SIGSTOP");
    const dropped = counter.drop();
    Deno.kill(pid!, "SIGKILL");
    await dropped;
  });
});

Deno.test("a session that ends frees its instances", async () => {
  // They share an executor, whose limit would be used up by 64 of them.
  await using harness = new Harness({ size: 1, limits: { memory: 2 ** 34 } });
  const keeper = await harness.caller();
  harness.modules.add("big", BIG);
  // 100 memories of 256 MiB each are more than the limit, were they kept.
  const open = async (): Promise<Caller> => {
    const caller = await harness.caller();
    assertEquals(await caller.call("big.size"), 4096);
    return caller;
  };
  for (let round = 0; round < 10; round++) {
    const callers = await Promise.all(Array.from({ length: 10 }, open));
    for (const caller of callers) caller.close();
  }
  assertEquals(await keeper.call("counter.next"), 1);
});

Deno.test("a function that was looked up is called at the executor that replaces its own", async () => {
  await using harness = new Harness({ limits: { time: 200 } });
  const caller = await harness.caller();
  const next = await caller.client.resolve({ module: "counter", function: "next" });
  assertEquals(await caller.client.call(next, []), 1);
  for (let round = 0; round < 2; round++) {
    await assertFails("TIME_LIMIT", caller.call("counter.spin"));
    assertEquals(await Promise.all([caller.client.call(next, []), caller.client.call(next, [])]), [1, 2]);
  }
});

Deno.test("a client that is closed waits for a connection no longer, and says why", async () => {
  const nowhere = new SessionClient({ place: () => new Promise(() => {}), cancel: () => {} });
  const waiting = assertFails("CANCELLED", nowhere.resolve({ module: "counter", function: "next" }));
  nowhere.close(new GhostError("CANCELLED", "The node was closed"));
  assertEquals((await waiting).message, "The node was closed");
});

/** `(memory 4096 4096) (func (export "size") (result i32) (memory.size))`: 256 MiB, none of it touched. */
const BIG = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0],
  ...[
    5,
    6,
    1,
    1,
    0x80,
    0x20,
    0x80,
    0x20,
    7,
    8,
    1,
    4,
    0x73,
    0x69,
    0x7a,
    0x65,
    0,
    0,
    10,
    6,
    1,
    4,
    0,
    0x3f,
    0,
    0x0b,
  ],
]);
