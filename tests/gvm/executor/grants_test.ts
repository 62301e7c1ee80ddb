// What a caller may do holds in the executor, where the call runs: at its next call, and for what runs already.
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import type { Identity } from "../../../gmp/handshake/identity.ts";
import { writeName } from "../../../gmp/types/quote.ts";
import type { Grant } from "../../../gmp/messages/grants.ts";
import type { Resource } from "../../../gvm/calls/resource.ts";
import { assertFails, type Caller, elapsed, Harness, nextText, processorTime } from "../harness.ts";

const NODE: Identity = { role: "node", node: { name: "node-1", id: "1" } };
const AWAY: Identity = { role: "node", device: "laptop", node: { name: "node-1", id: "1" } };

function grants(...what: string[]): Grant[] {
  return what.map((what) => ({ subject: "node-1@local", what }));
}

/** Resolves once the one executor of `harness` computes. */
async function computes(harness: Harness): Promise<void> {
  const [pid] = harness.executors;
  for (const before = processorTime(pid!); processorTime(pid!) < before + 200;) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("what callers of one executor may do", async (t) => {
  // None of them has a grant at first.
  await using harness = new Harness({ size: 1 });

  await t.step("a caller may do nothing until it is granted, and is told what to grant", async () => {
    const caller = await harness.caller(NODE);
    const call = await assertFails("NOT_GRANTED", caller.call("counter.next"));
    assertStringIncludes(call.message, "to allow it, run: gpmd grant node-1@local counter.next");
    assertEquals(call.details, { subject: "node-1@local", what: "counter.next" });
    const unknown = await assertFails("NOT_GRANTED", caller.call('counter."no\n such"'));
    assert(!unknown.message.includes("\n"));
    await assertFails("NOT_GRANTED", caller.call("no-such-module.f"));
    const run = await assertFails("NOT_GRANTED", caller.run("greet").exitCode);
    assertStringIncludes(run.message, "gpmd grant node-1@local greet");
    await assertFails("NOT_GRANTED", caller.client.loadFiles("d", []));
    assertEquals(harness.modules.fetched, [], "nothing was loaded");
    const away = await harness.caller(AWAY);
    const error = await assertFails("NOT_GRANTED", away.call("counter.next"));
    assertStringIncludes(error.message, "run there: gpmd grant node-1@laptop counter.next");
  });

  await t.step("a grant opens what it names, and nothing else", async () => {
    const caller = await harness.caller(NODE);
    const table: [what: string, call: boolean, other: boolean, run: boolean][] = [
      ["*", true, true, true],
      ["counter.*", true, true, false],
      ["counter.next", true, false, false],
      ["greet", false, false, true],
      ["greet.*", false, false, true],
      ["counter", false, false, false],
      ["ship", false, false, false],
    ];
    for (const [what, ...allowed] of table) {
      await harness.pool.grant(grants(what));
      const outcomes = await Promise.allSettled([
        caller.call("counter.next"),
        caller.call("counter.divmod", [7, 2]),
        caller.run("greet", ["Ada"]).exitCode,
      ]);
      assertEquals(outcomes.map(({ status }) => status === "fulfilled"), allowed, what);
    }
  });

  await t.step("a function of a component is granted by the name by which it is called", async () => {
    const caller = await harness.caller(NODE);
    await harness.pool.grant(grants("greeter.greet", 'greeter."greeter.sum"'));
    assertEquals(await caller.call("greeter.greet", ["Ada"]), "Hello, Ada!");
    assertEquals(await caller.call("greeter.greeter.sum", [[1, 2]]), 3n);
    for (const name of ["greeter.greet", "ghost:demo/greeter@1.0.0#greet"]) {
      const error = await assertFails("NOT_GRANTED", caller.call(`greeter.${name}`, ["Ada"]));
      assertEquals(error.details, { subject: "node-1@local", what: `greeter."${name}"` });
    }
    await assertFails("NOT_GRANTED", caller.call("greeter.counter", [1]));
  });

  await t.step("a call that is not granted gives away no resource", async () => {
    const caller = await harness.caller(NODE);
    const all = ["counter", "counter.next", "counter.merge"].map((name) => `greeter.${writeName(name)}`);
    await harness.pool.grant(grants(...all));
    const [counter, next, merge] = await Promise.all(
      ["counter", "counter.next", "counter.merge"].map((name) =>
        caller.client.resolve({ module: "greeter", function: name })
      ),
    );
    const made = [await caller.client.call(counter!, [5]), await caller.client.call(counter!, [7])];
    await harness.pool.grant(grants(...all.slice(0, 2)));
    await assertFails("NOT_GRANTED", caller.client.call(merge!, made));
    assertEquals(await Promise.all(made.map((one) => caller.client.call(next!, [one]))), [5, 7]);
    await harness.pool.grant(grants(...all));
    const merged = await caller.client.call(merge!, made);
    assertEquals(await caller.client.call(next!, [merged]), 14);
    await assertFails("RESOURCE_GONE", caller.client.call(next!, [made[0]]));
  });

  await t.step(
    "a change holds at the next call, also for a function that is held, and another node does not notice",
    async () => {
      await harness.pool.grant([{ subject: "everyone", what: "*" }]);
      const [caller, other, own] = [
        await harness.caller(NODE),
        await harness.caller(AWAY),
        await harness.caller(),
      ];
      const next = await caller.client.resolve({ module: "counter", function: "next" });
      const otherNext = await other.client.resolve({ module: "counter", function: "next" });
      assertEquals(await caller.client.call(next, []), 1);
      assertEquals(await other.client.call(otherNext, []), 1);
      await harness.pool.grant([{ subject: "laptop", what: "*" }]);
      await assertFails("NOT_GRANTED", caller.client.call(next, []));
      assertEquals(await other.client.call(otherNext, []), 2);
      assertEquals(await own.call("counter.next"), 1, "a node may do anything itself");
      await harness.pool.grant([{ subject: "laptop", what: "*" }, ...grants("counter.next")]);
      assertEquals(await caller.client.call(next, []), 1, "its state went with the grant");
      // Twenty changes while calls come: each is granted or refused, none is lost.
      const calls: Promise<unknown>[] = [];
      for (let i = 0; i < 20; i++) {
        const changed = harness.pool.grant(i % 2 === 0 ? [] : grants("counter.next"));
        for (let j = 0; j < 20; j++) calls.push(caller.client.call(next, []).catch((error) => error.code));
        await changed;
        const after = await caller.client.call(next, []).then(() => "done", (error) => error.code);
        assertEquals(after, i % 2 === 0 ? "NOT_GRANTED" : "done");
      }
      for (const outcome of await Promise.all(calls)) {
        assert(typeof outcome === "number" || outcome === "NOT_GRANTED");
      }
    },
  );

  await t.step("what waits without a grant is ended, and what has one goes on", async () => {
    await harness.pool.grant(grants("*"));
    const caller = await harness.caller(NODE);
    const sleep = assertFails("NOT_GRANTED", caller.call("endless.sleep"));
    const queued = assertFails("NOT_GRANTED", caller.call("endless.sleep"));
    const talk = caller.run("program", ["talk"], { stdin: new ReadableStream() });
    const output = talk[Symbol.asyncIterator]();
    assertEquals(await nextText(output), "one\n");
    const chunks = new TransformStream<Uint8Array, Uint8Array>();
    const kept = caller.run("greet", ["-"], { stdin: chunks.readable });
    await caller.call("counter.next"); // by now both have begun
    const [pid] = harness.executors;
    await harness.pool.grant(grants("greet", "counter.*"));
    const error = await assertFails("NOT_GRANTED", talk.exitCode);
    assertStringIncludes(error.message, "Cannot run program: node-1@local may not");
    await Promise.all([sleep, queued]);
    const writer = chunks.writable.getWriter();
    await writer.write(new TextEncoder().encode("Ada\n"));
    await writer.close();
    assertEquals(await kept.text(), "Hello, Ada!\n");
    assertEquals(harness.executors, [pid], "nothing had to be killed");
  });
});

Deno.test("calls that compute, when a grant is changed", async (t) => {
  await using harness = new Harness({ size: 1, limits: { time: 60_000 } });

  await t.step("a call that computes without a grant is ended with its executor", async (test) => {
    const endless: [string, (caller: Caller) => Promise<unknown>, string][] = [
      ["a function", (caller) => caller.call("endless_plain.loop"), "endless_plain.loop"],
      [
        "a function after a wait",
        (caller) => caller.call("waits.sleep_then_loop", [1]),
        "waits.sleep_then_loop",
      ],
      ["a program", (caller) => caller.run("endless", ["loop"]).exitCode, "endless"],
    ];
    for (const [what, begin, grant] of endless) {
      await test.step(what, async () => {
        await harness.pool.grant(grants("endless_plain.loop", "waits.*", "endless", "counter.next"));
        const caller = await harness.caller(NODE);
        const ended = assertFails("NOT_GRANTED", begin(caller));
        await computes(harness);
        const [pid] = harness.executors;
        await harness.pool.grant(grants("counter.next"));
        const error = await ended;
        assertStringIncludes(error.message, `gpmd grant node-1@local ${grant}`);
        assertEquals(await caller.call("counter.next"), 1);
        assertNotEquals(harness.executors, [pid]);
      });
    }
  });

  await t.step(
    "a call that computes with a grant is left alone, and a change holds behind it all the same",
    async () => {
      await harness.pool.grant(grants("endless_plain.loop", "counter.next"));
      const caller = await harness.caller(NODE);
      assertEquals(await caller.call("counter.next"), 1);
      const stop = new AbortController();
      const looping = caller.call("endless_plain.loop", [], { signal: stop.signal }).catch((error) =>
        error.code
      );
      await computes(harness);
      const [pid] = harness.executors;
      // Its thread is occupied, and yet the change is confirmed.
      const took = await elapsed(() => harness.pool.grant(grants("endless_plain.*")));
      assert(took < 2000, `${took} ms`);
      const behind = caller.call("counter.next").catch((error) => error.code);
      await computes(harness); // four times as long as the watchdog takes to notice
      assertEquals(harness.executors, [pid]);
      stop.abort();
      assertEquals(await looping, "CANCELLED");
      assert(
        ["EXECUTOR_RESTARTED", "CONNECTION_LOST", "NOT_GRANTED"].includes(await behind as string),
        `${await behind}`,
      );
      await assertFails("NOT_GRANTED", caller.call("counter.next"));
    },
  );
});

Deno.test("limits of a grant hold for calls and runs, and never exceed the node's own", async () => {
  await using harness = new Harness({ size: 1, limits: { time: 5000, memory: 1 << 24 } });
  const limited = (what: string, time?: number, memory?: number): Grant => ({
    subject: "node-1@local",
    what,
    ...time === undefined ? {} : { time },
    ...memory === undefined ? {} : { memory },
  });
  const caller = await harness.caller(NODE);
  await harness.pool.grant([
    limited("*", 200),
    limited("hoard.*", undefined, 1 << 20),
    limited("waits.talk", 9e6),
  ]);
  for (const action of ["endless_plain.loop", "endless.sleep", "endless.loop"]) {
    const error = await assertFails("TIME_LIMIT", caller.call(action));
    assertStringIncludes(error.message, "200 ms", action);
  }
  const run = await assertFails("TIME_LIMIT", caller.run("endless", ["sleep"]).exitCode);
  assertStringIncludes(run.message, "200 ms");
  // Its destructor waits for ever.
  const thing = await caller.call("endings.make", [0xffff_ffff]) as unknown as Resource;
  assertStringIncludes((await assertFails("TIME_LIMIT", thing.drop())).message, "200 ms");
  assertStringIncludes(
    (await assertFails("TIME_LIMIT", caller.call("waits.talk", [60_000]))).message,
    "5000 ms",
  );
  // 15 pages may be had under the grant, and 255 under the node's own limit.
  assertEquals(await caller.call("hoard.grow", [15]), 1);
  assertEquals(await caller.call("hoard.grow", [1]), -1);
  await harness.pool.grant([limited("hoard.*", undefined, 1 << 30)]);
  assertEquals(await caller.call("hoard.grow", [255]), 1, "a new limit, a new instance");
  assertEquals(await caller.call("hoard.grow", [1]), -1);
  await harness.pool.grant([limited("greet", undefined, 1 << 16)]);
  const memory = await assertFails("MEMORY_LIMIT", caller.run("greet").exitCode);
  assertStringIncludes(memory.message, "65536 bytes of its caller's grant");
});
