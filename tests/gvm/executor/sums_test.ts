// Limits hold in sum: for all that one caller runs, for all that an executor runs, for all executors of a node.
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { TreeEntry } from "../../../gvm/wasi/mod.ts";
import { moduleBytes, nameBytes } from "../../gmp/fixtures/module_bytes.ts";
import { assertFails, type Caller, childrenOf, Harness, nextText, residentMegabytes } from "../harness.ts";

const MEGABYTE = 1 << 20;
const PAGES = 16;
/** Time enough for 24 runs beside each other on a busy machine. */
const limits = { time: 30_000, memory: 64 * MEGABYTE, files: MEGABYTE, engine: 256 * MEGABYTE };

/** A harness that knows the module `hoard` by several names, each with an instance of its own. */
function hoarding(size: number): Harness {
  const harness = new Harness({ limits, size });
  for (const name of ["one", "two", "three"]) harness.modules.add(name, harness.modules.bytesOf("hoard"));
  return harness;
}

Deno.test("all instances of a caller have its memory together", async () => {
  await using harness = hoarding(1);
  const caller = await harness.caller();
  // Both are made while there is room for either.
  assertEquals([await caller.call("one.grow", [0]), await caller.call("two.grow", [0])], [1, 1]);
  assertEquals(await caller.call("one.grow", [40 * PAGES]), 1);
  const error = await assertFails("MEMORY_LIMIT", caller.call("two.grow", [40 * PAGES]));
  assertMatch(error.message, /^The memories of its caller have 84017152 bytes together, above the limit of /);
  // The next one is made with what is left, and beyond that memory.grow says so.
  assertEquals(await caller.call("two.grow", [24 * PAGES]), -1);
  assertEquals(await caller.call("two.grow", [20 * PAGES]), 1);
  // What was forgotten can be had again.
  await caller.client.reset({ module: "one" });
  await caller.client.reset({ module: "two" });
  assertEquals(await caller.call("two.grow", [60 * PAGES]), 1);
});

Deno.test("all callers of an executor have its memory together, and give it back when they leave", async () => {
  await using harness = hoarding(1);
  const [first, second] = [await harness.caller(), await harness.caller()];
  assertEquals(await first.call("one.grow", [64 * PAGES - 1]), 1);
  const error = await assertFails("MEMORY_LIMIT", second.call("one.grow", [0]));
  assertMatch(
    error.message,
    /needs 65536 bytes at the start, and 0 of the 67108864 bytes of its executor are left$/,
  );
  first.close();
  // The executor hears of the end of a connection in its own time.
  for (;;) {
    const grown = await second.call("one.grow", [40 * PAGES]).catch(({ code }) => code);
    if (grown === 1) break;
    assert(grown === "MEMORY_LIMIT" || grown === -1, grown);
    await second.client.reset({ module: "one" });
  }
});

Deno.test("runs at once that grow later than they start never have much more than the limit", async () => {
  await using harness = hoarding(1);
  const caller = await harness.caller();
  const [pid] = harness.executors;
  let most = 0;
  const timer = setInterval(() => most = Math.max(most, residentMegabytes(pid!)), 5);
  // 24 times 40 MiB, 960 in sum.
  const runs = Array.from({ length: 24 }, () => caller.run("hoard").exitCode.catch(({ code }) => code));
  const outcomes = new Set(await Promise.all(runs));
  clearInterval(timer);
  assertEquals([...outcomes].sort(), [0, "MEMORY_LIMIT"]);
  // Below the ceiling of the process, which is still the same.
  assert(most < 322, `${most} MB`);
  assertEquals(harness.executors, [pid]);
});

Deno.test("tables at their start are counted together", async () => {
  await using harness = new Harness({ limits: { tableElements: 1000 }, size: 1 });
  // (table 600 funcref) (func (export "f"))
  const table = moduleBytes(
    [1, 1, 0x60, 0, 0],
    [3, 1, 0],
    [4, 1, 0x70, 0, 0xd8, 0x04],
    [7, 1, ...nameBytes("f"), 0, 0],
    [10, 1, 2, 0, 0x0b],
  );
  for (const name of ["one", "two"]) harness.modules.add(name, table);
  const [caller, neighbour] = [await harness.caller(), await harness.caller()];
  assertEquals(await caller.call("one.f"), undefined);
  for (const late of [caller, neighbour]) {
    const { message } = await assertFails("MEMORY_LIMIT", late.call("two.f"));
    assertMatch(message, /its tables needs? 600 elements at the start, and 400 of the 1000 elements of/);
  }
  await caller.client.reset({ module: "one" });
  assertEquals(await neighbour.call("two.f"), undefined);
});

/** A program that has said its first line and waits for standard input until `end`. */
async function talking(caller: Caller): Promise<{ end: () => void; exitCode: Promise<number> }> {
  const input = Promise.withResolvers<Uint8Array>();
  async function* stdin() {
    yield await input.promise;
  }
  const { exitCode, ...run } = start(caller, stdin());
  assertEquals(await nextText(run.output), "one\n");
  return { end: () => input.resolve(new TextEncoder().encode("x")), exitCode };
}

function start(caller: Caller, stdin: AsyncIterable<Uint8Array>) {
  const run = caller.run("program", ["talk"], { stdin });
  return { exitCode: run.exitCode, output: run[Symbol.asyncIterator]() };
}

Deno.test("sixteen runs of a caller are made at once, further ones have their turn, too many are refused", async () => {
  await using harness = new Harness({ limits: { time: 60_000 }, size: 1 });
  const caller = await harness.caller();
  const running = await Promise.all(Array.from({ length: 16 }, () => talking(caller)));
  const stop = new AbortController();
  const cancelled = caller.client.run({ module: "program", argv: ["exit", "3"], signal: stop.signal });
  const waiting = Array.from({ length: 256 }, () => caller.run("program", ["exit", "4"]).exitCode);
  await assertFails("TOO_MANY_REQUESTS", caller.run("program", ["exit", "5"]).exitCode);
  stop.abort();
  await assertFails("CANCELLED", (await cancelled).exitCode);
  // A call of a function waits for none of them.
  assertEquals(await caller.call("counter.next"), 1);
  for (const { end } of running) end();
  assertEquals(await Promise.all(running.map(({ exitCode }) => exitCode)), Array(16).fill(0));
  const codes = await Promise.all(waiting.map((one) => one.catch(({ code }) => code)));
  assertEquals(codes.filter((code) => code === 4).length, 255);
  assertEquals(codes.filter((code) => code === "TOO_MANY_REQUESTS").length, 1);
});

Deno.test("there are never more processes than executors, however fast callers come and go", async () => {
  await using harness = new Harness({ size: 2 });
  const before = new Set(childrenOf(Deno.pid));
  const processes = () => childrenOf(Deno.pid).filter((pid) => !before.has(pid)).length;
  for (let round = 0; round < 12; round++) {
    const callers = [harness.open(), harness.open(), harness.open()];
    const connecting = callers.map((caller) => caller.client.connect().catch(() => {}));
    if (round % 4 === 0) await Promise.all(connecting);
    assert(processes() <= 2, `${processes()} processes`);
    for (const caller of callers) caller.close();
    await Promise.all(connecting);
    assert(processes() <= 2, `${processes()} processes`);
  }
  assertEquals(await (await harness.caller()).call("counter.next"), 1);
});

Deno.test("files of all callers of an executor have its limit together, also those that are still coming", async () => {
  await using harness = new Harness({ limits: { files: MEGABYTE }, size: 1 });
  const [first, second] = [await harness.caller(), await harness.caller()];
  const file = (size: number): TreeEntry[] => [
    { path: "file", type: "file", modifiedAt: 0n, bytes: new Uint8Array(size) },
  ];
  await first.client.loadFiles("/", file(600_000));
  await assertFails("PAYLOAD_TOO_LARGE", second.client.loadFiles("/", file(600_000)));
  await second.client.loadFiles("/", file(400_000));
  first.close();
  // The executor hears of the end of a connection in its own time.
  const more = () => second.client.loadFiles("/more", file(600_000)).then(() => true, ({ code }) => code);
  for (let loaded = await more(); loaded !== true; loaded = await more()) {
    assertEquals(loaded, "PAYLOAD_TOO_LARGE");
  }
});
