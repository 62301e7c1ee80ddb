// Components for WASI 0.2 (`wasi:cli/run`) are run as modules for preview 1 are.
import { assertEquals, assertMatch } from "@std/assert";
import { assertFails, Harness, nextText } from "../harness.ts";
import { passesMegabytes, runAtOnce, talksAsItComes } from "./_runs.ts";

const PROGRAM = "program_component";

Deno.test("components are run as modules are", async (t) => {
  await using harness = new Harness({ size: 1 });

  await t.step(
    "what a component writes arrives before its input is sent, and its input as it comes",
    async () => await talksAsItComes(await harness.caller(), PROGRAM),
  );

  await t.step(
    "a component without input is at its end, and several run at once beside a module",
    async () => {
      const caller = await harness.caller();
      await runAtOnce(caller, PROGRAM, async () => {
        assertEquals(await caller.call("counter.next"), 1);
        assertEquals(await caller.run(PROGRAM, ["talk"]).text(), "one\nend\n");
      });
    },
  );

  await t.step(
    "ten megabytes go through a component unchanged",
    async () => await passesMegabytes(await harness.caller(), PROGRAM),
  );

  await t.step("a component succeeds or fails", async () => {
    const caller = await harness.caller();
    const codes = await Promise.all(
      ["0", "1", "33"].map((code) => caller.run(PROGRAM, ["exit", code]).exitCode),
    );
    assertEquals(codes, [0, 1, 1]);
    await assertFails("FUNCTION_NOT_FOUND", caller.run("greeter").exitCode);
  });

  await t.step(
    "a component's streams are terminals where its caller says so, and get blocks where not",
    async () => {
      const caller = await harness.caller();
      assertEquals(await caller.run(PROGRAM, ["terminals"]).text(), "terminals:\n");
      for (const terminals of [["stdin"], ["stdout", "stderr"], ["stdin", "stdout", "stderr"]] as const) {
        const told = await caller.run(PROGRAM, ["terminals"], { terminals }).text();
        assertEquals(told, `terminals: ${terminals.join(" ")}\n`);
      }
    },
  );

  await t.step("a component that waits is cancelled", async () => {
    const caller = await harness.caller();
    const stop = new AbortController();
    const never = Promise.withResolvers<Uint8Array>();
    async function* stdin() {
      yield await never.promise;
    }
    const run = caller.run(PROGRAM, ["talk"], { stdin: stdin(), signal: stop.signal });
    const failure = assertFails("CANCELLED", run.exitCode);
    assertEquals(await nextText(run[Symbol.asyncIterator]()), "one\n");
    stop.abort();
    await failure;
    never.resolve(new Uint8Array(0));
  });
});

Deno.test("a component that computes, waits or writes too long is ended by name", async () => {
  await using harness = new Harness({ limits: { time: 1000, output: 1000 } });
  const caller = await harness.caller();
  const looping = caller.run(PROGRAM, ["loop"]);
  const failure = assertFails("TIME_LIMIT", looping.exitCode);
  assertEquals(await nextText(looping[Symbol.asyncIterator]()), "one\n");
  await failure;
  await assertFails("TIME_LIMIT", caller.run(PROGRAM, ["sleep", "60"]).exitCode);
  await assertFails("OUTPUT_LIMIT", caller.run(PROGRAM, ["lines", "1000"]).exitCode);
  assertEquals(await caller.run(PROGRAM, ["talk"]).text(), "one\nend\n");
});

Deno.test("a component whose memories need more than there is, all together, is refused by name", async () => {
  await using harness = new Harness({ limits: { memory: 1 << 16 } });
  const caller = await harness.caller();
  const error = await assertFails("MEMORY_LIMIT", caller.run(PROGRAM, ["talk"]).exitCode);
  assertMatch(error.message, /65536 bytes/);
});
