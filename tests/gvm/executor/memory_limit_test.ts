// Memory is bounded, per instance and over many of them.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { leb, moduleBytes, nameBytes } from "../../gmp/fixtures/module_bytes.ts";
import { assertFails, Harness, residentMegabytes } from "../harness.ts";

const MEGABYTE = 1 << 20;
const PAGES_OF_A_MEGABYTE = 16;
const I32 = 0x7f;
const I64 = 0x7e;

/** `(memory LIMITS) (func (export "grow") (param ADDRESS) (result ADDRESS) (memory.grow (local.get 0)))`. */
function growing(limits: number[], address = I32): Uint8Array<ArrayBuffer> {
  return moduleBytes(
    [1, 1, 0x60, 1, address, 1, address],
    [3, 1, 0],
    [5, 1, ...limits],
    [7, 1, ...nameBytes("grow"), 0, 0],
    [10, 1, 6, 0, 0x20, 0, 0x40, 0, 0x0b],
  );
}

/** `(memory 256) (func (export "_start") (memory.fill (i32.const 0) (i32.const 1) (i32.const 16777216)))`: 16 MiB in use. */
const FILLING = moduleBytes(
  [1, 1, 0x60, 0, 0],
  [3, 1, 0],
  [5, 1, 0, ...leb(256)],
  [7, 1, ...nameBytes("_start"), 0, 0],
  [10, 1, 14, 0, 0x41, 0, 0x41, 1, 0x41, 0x80, 0x80, 0x80, 8, 0xfc, 0x0b, 0, 0x0b],
);

Deno.test("memories and tables grow to their limits", async (t) => {
  await using harness = new Harness({ limits: { memory: 4 * MEGABYTE, tableElements: 1000 }, size: 1 });

  await t.step("memory.grow past the limit gives -1, for memories of every kind", async (t) => {
    const caller = await harness.caller();
    const left = 4 * PAGES_OF_A_MEGABYTE - 1;
    const kinds: [what: string, bytes: Uint8Array<ArrayBuffer>, wrap: (value: number) => unknown][] = [
      ["without a maximum", growing([0, 1]), Number],
      ["with a maximum", growing([1, 1, ...leb(65_536)]), Number],
      ["shared", growing([3, 1, ...leb(1000)]), Number],
      ["of 64 bits", growing([4, 1], I64), BigInt],
      ["of 64 bits with a maximum", growing([5, 1, ...leb(2 ** 17)], I64), BigInt],
    ];
    for (const [what, bytes, wrap] of kinds) {
      await t.step(what, async () => {
        harness.modules.add("growing", bytes);
        harness.pool.modulesChanged();
        const grow = await caller.client.resolve({ module: "growing", function: "grow" });
        assertEquals(await caller.client.call(grow, [wrap(left + 1)]), wrap(-1));
        assertEquals(await caller.client.call(grow, [wrap(left)]), wrap(1));
        assertEquals(await caller.client.call(grow, [wrap(1)]), wrap(-1));
        assertEquals(await caller.client.call(grow, [wrap(0)]), wrap(left + 1));
        await caller.client.reset({ module: "growing" });
      });
    }
  });

  await t.step(
    "a module whose memory is above the limit at the start is refused, of every kind",
    async () => {
      const caller = await harness.caller();
      const above = leb(4 * PAGES_OF_A_MEGABYTE + 1);
      const kinds = [growing([0, ...above]), growing([3, ...above, ...above]), growing([4, ...above], I64)];
      for (const [index, bytes] of kinds.entries()) {
        harness.modules.add(`above${index}`, bytes);
        const error = await assertFails("MEMORY_LIMIT", caller.call(`above${index}.grow`, [0]));
        assertMatch(
          error.message,
          /its memory is 4259840 bytes at the start, above the limit of 4194304 bytes$/,
        );
      }
    },
  );

  await t.step("a table does not grow past its limit", async () => {
    const caller = await harness.caller();
    assertEquals(await caller.call("values.grow_table", [1000]), -1);
    let size = 1;
    for (; await caller.call("values.grow_table", [100]) === size; size += 100);
    assertEquals(size, 901);
    assertEquals(await caller.call("values.table_size"), 901);
    assertEquals(await caller.call("values.grow_table", [2 ** 32 - 1]), -1);
    assertEquals(await caller.call("values.grow_table", [99]), 901);
  });
});

Deno.test("a module of a hundred megabytes is loaded, and one that is too large when loaded is refused", async () => {
  await using harness = new Harness({ limits: { memory: 128 * MEGABYTE } });
  const caller = await harness.caller();
  const size = 100 * MEGABYTE;
  // A data section of a hundred megabytes for a memory of 1601 pages; then smaller ones, for memories that cannot take them.
  const withData = (pages: number, size: number) => {
    const head = moduleBytes(
      [1, 1, 0x60, 1, I32, 1, I32],
      [3, 1, 0],
      [5, 1, 0, ...leb(pages)],
      [7, 1, ...nameBytes("load"), 0, 0],
      [10, 1, 7, 0, 0x20, 0, 0x2d, 0, 0, 0x0b],
    );
    const segment = [1, 0, 0x41, 0, 0x0b, ...leb(size)];
    const section = [11, ...leb(segment.length + size), ...segment];
    const bytes = new Uint8Array(head.length + section.length + size);
    bytes.set(head);
    bytes.set(section, head.length);
    return bytes.fill(7, head.length + section.length);
  };
  harness.modules.add("huge", withData(1601, size));
  assertEquals(await caller.call("huge.load", [size - 1]), 7);
  harness.modules.add("broken", withData(1, MEGABYTE));
  assertMatch((await assertFails("TRAP", caller.call("broken.load", [0]))).message, /data segment/);
  harness.modules.add("huger", withData(2049, MEGABYTE));
  await assertFails("MEMORY_LIMIT", caller.call("huger.load", [0]));
  assertEquals(await caller.call("huge.load", [0]), 7);
});

Deno.test("thousands of instances leave the memory of an executor flat", async (t) => {
  await using harness = new Harness();
  const caller = await harness.caller();
  const [pid] = harness.executors;
  const runs = async (count: number) => {
    let left = count;
    const run = async () => {
      while (left-- > 0) await caller.run("program", ["exit", "0"]).exitCode;
    };
    await Promise.all([run(), run(), run(), run()]);
  };
  const trap = await caller.client.resolve({ module: "counter", function: "trap" });
  const traps = async (count: number) => {
    for (; count > 0; count--) await caller.client.call(trap, []).catch(() => {});
  };
  // What a run needs at first is there after some. A run that left 20 KB would be seen; GVM_INSTANCES=100000 sees less.
  const count = Number(Deno.env.get("GVM_INSTANCES") ?? 4000);
  for (const [what, make, number] of [["runs", runs, count], ["traps", traps, count / 5]] as const) {
    await t.step(`${number} ${what}`, async () => {
      await make(number / 5);
      const before = residentMegabytes(pid!);
      await make(number * 4 / 5);
      const after = residentMegabytes(pid!);
      assert(after < before + 64, `from ${before} MB to ${after} MB`);
    });
  }
});

Deno.test("memories that were filled are given back", async () => {
  await using harness = new Harness();
  const caller = await harness.caller();
  const [pid] = harness.executors;
  harness.modules.add("filling", FILLING);
  let most = 0;
  for (let run = 0; run < 64; run++) {
    assertEquals(await caller.run("filling").exitCode, 0);
    most = Math.max(most, residentMegabytes(pid!));
  }
  assert(most < 600, `${most} MB of the 1024 MB that were filled`);
});
