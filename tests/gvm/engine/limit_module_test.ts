import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { readModule } from "../../../gmp/wasm_format/module_reader.ts";
import { importedMemoryLimits, limitModule, OWN_MEMORIES } from "../../../gvm/engine/limit_module.ts";
import {
  fixture,
  fuzzSeed,
  leb,
  moduleBytes,
  mutate,
  randomNumbers,
} from "../../gmp/fixtures/module_bytes.ts";

const ROOMY = { memoryPages: 65_536, tableElements: 10_000_000 };
const I32 = 0x7f;
const I64 = 0x7e;

/** A module whose exports "0", "1", … each grow the memory of that index by the pages they are given. */
function growingMemories(memories: readonly (readonly number[])[], address = I32): Uint8Array<ArrayBuffer> {
  return growing(
    [5, memories.length, ...memories.flat()],
    memories.length,
    address,
    (index) => [0x20, 0, 0x40, index],
  );
}

/** A module whose exports "0", "1", … each grow the funcref table of that index by the elements they are given. */
function growingTables(tables: readonly (readonly number[])[], address = I32): Uint8Array<ArrayBuffer> {
  const section = [4, tables.length, ...tables.flat()];
  return growing(section, tables.length, address, (index) => [0xd0, 0x70, 0x20, 0, 0xfc, 0x0f, index]);
}

function growing(
  section: number[],
  count: number,
  address: number,
  body: (index: number) => number[],
): Uint8Array<ArrayBuffer> {
  const indices = Array.from({ length: count }, (_, index) => index);
  const bodies = indices.map((index) => [0, ...body(index), 0x0b]);
  return moduleBytes(
    [1, 1, 0x60, 1, address, 1, address],
    [3, count, ...indices.map(() => 0)],
    section,
    [7, count, ...indices.flatMap((index) => [1, 0x30 + index, 0, index])],
    [10, count, ...bodies.flatMap((code) => [code.length, ...code])],
  );
}

/** What a limited module imports that were memories of its own, each as large as it may be. */
function ownMemories(bytes: Uint8Array): WebAssembly.ModuleImports {
  const own = readModule(bytes).imports.filter(({ module }) => module === OWN_MEMORIES);
  return Object.fromEntries(own.map((one) => {
    if (one.kind !== "memory") throw new Error(`${one.name} is no memory`);
    return [one.name, new WebAssembly.Memory(importedMemoryLimits(one.type))];
  }));
}

type Grow = (amount: number | bigint) => number | bigint;

function instantiate(
  bytes: Uint8Array<ArrayBuffer>,
  imports: WebAssembly.Imports = {},
): Record<string, Grow> {
  const given = { ...imports, [OWN_MEMORIES]: ownMemories(bytes) };
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), given).exports as Record<string, Grow>;
}

function maxima(bytes: Uint8Array): { memories: (number | undefined)[]; tables: (number | undefined)[] } {
  const { memories, tables } = readModule(bytes);
  return {
    memories: memories.map(({ type }) => type.maximum),
    tables: tables.map(({ type }) => type.maximum),
  };
}

Deno.test("memory.grow past the limit gives -1, up to it the old size", () => {
  const limited = limitModule(growingMemories([[0, 1]]), { ...ROOMY, memoryPages: 10 });
  const grow = instantiate(limited)[0]!;
  assertEquals([grow(10), grow(9), grow(1), grow(0)], [-1, 1, -1, 10]);
});

Deno.test("a maximum above the limit is lowered, one below it is kept", () => {
  const limited = (maximum: number): (number | undefined)[] =>
    maxima(limitModule(growingMemories([[1, 1, ...leb(maximum)]]), { ...ROOMY, memoryPages: 300 })).memories;
  assertEquals(limited(65_536), [300]);
  assertEquals(limited(301), [300]);
  assertEquals(limited(300), [300]);
  assertEquals(limited(2), [2]);
});

Deno.test("a module that keeps to the limits is returned itself", () => {
  const without = moduleBytes();
  assertStrictEquals(limitModule(without, { memoryPages: 0, tableElements: 0 }), without);
  const small = moduleBytes([2, 1, 1, 0x65, 1, 0x6d, 2, 1, 1, 16]);
  assertStrictEquals(limitModule(small, { ...ROOMY, memoryPages: 16 }), small);
  const unbounded = moduleBytes([2, 1, 1, 0x65, 1, 0x6d, 2, 0, 1]);
  assertStrictEquals(limitModule(unbounded, ROOMY), unbounded);
  const limited = limitModule(unbounded, { ...ROOMY, memoryPages: 16 });
  assertNotStrictEquals(limited, unbounded);
  assertStrictEquals(limitModule(limited, { ...ROOMY, memoryPages: 16 }), limited);
});

Deno.test("a memory of its own becomes an import behind the others, whatever sections there are", () => {
  const memory = [5, 1, 0, 1];
  const kinds = [
    moduleBytes(memory),
    moduleBytes([0, 2, 1, 0x78], memory, [0, 2, 1, 0x79]),
    moduleBytes([4, 1, 0x70, 0, 1], memory),
    moduleBytes([1, 1, 0x60, 0, 0], [3, 1, 0], memory, [10, 1, 2, 0, 0x0b]),
    moduleBytes([2, 1, 1, 0x65, 1, 0x6d, 2, 0, 7], memory),
  ];
  for (const module of kinds) {
    const limited = limitModule(module, { ...ROOMY, memoryPages: 10 });
    assert(WebAssembly.validate(limited), `${limited}`);
    const { imports, memories, sections } = readModule(limited);
    assertEquals([imports.at(-1)?.module, imports.at(-1)?.name], [OWN_MEMORIES, "0"]);
    assertEquals(memories.map(({ type }) => type.minimum), memories.length === 1 ? [1] : [7, 1]);
    assertEquals(sections.filter(({ id }) => id === 5), []);
  }
});

Deno.test("a memory that starts above the limit is refused with both figures in bytes", () => {
  const error = assertThrows(
    () => limitModule(growingMemories([[0, 20], [0, 13]]), { ...ROOMY, memoryPages: 32 }),
    GhostError,
    "Cannot load the module: its memory is 2162688 bytes at the start, above the limit of 2097152 bytes",
  );
  assertEquals(error.code, "MEMORY_LIMIT");
  assertEquals(error.details, { needed: 2_162_688, limit: 2_097_152 });
});

Deno.test("a shared memory is limited", () => {
  const module = growingMemories([[3, 1, ...leb(65_536)]]);
  const grow = instantiate(limitModule(module, { ...ROOMY, memoryPages: 4 }))[0]!;
  assertEquals([grow(4), grow(3), grow(1)], [-1, 1, -1]);
  assertThrows(() => limitModule(module, { ...ROOMY, memoryPages: 0 }), GhostError, "0 bytes");
});

Deno.test("a memory of 64 bits is limited, also one whose maximum V8 would refuse", () => {
  for (const limits of [[4, 1], [5, 1, ...leb(2 ** 48)], [7, 1, ...leb(2 ** 17)]]) {
    const grow = instantiate(limitModule(growingMemories([limits], I64), { ...ROOMY, memoryPages: 4 }))[0]!;
    assertEquals([grow(4n), grow(3n), grow(1n), grow(2n ** 62n)], [-1n, 1n, -1n, -1n]);
  }
  const huge = growingMemories([[4, ...leb(2 ** 48)]], I64);
  const error = assertThrows(() => limitModule(huge, ROOMY), GhostError);
  assertEquals(error.code, "MEMORY_LIMIT");
});

Deno.test("a limit above what V8 can give makes no module invalid", () => {
  const limits = { memoryPages: 1_000_000, tableElements: 100_000_000 };
  const thirtyTwo = growingMemories([[0, 1]]);
  assertEquals(maxima(limitModule(thirtyTwo, limits)).memories, [undefined]);
  const sixtyFour = limitModule(growingMemories([[5, 1, ...leb(2 ** 48)]], I64), limits);
  assertEquals(maxima(sixtyFour).memories, [262_144]);
  assert(WebAssembly.validate(sixtyFour));
});

Deno.test("several memories share the limit, and never have more together", () => {
  const share = (memories: number[][]): (number | undefined)[] =>
    maxima(limitModule(growingMemories(memories), { ...ROOMY, memoryPages: 100 })).memories;
  assertEquals(share([[0, 0], [0, 0]]), [50, 50]);
  assertEquals(share([[0, 20], [0, 60]]), [30, 70]);
  assertEquals(share([[0, 1], [1, 4, 4], [1, 1, 6]]), [90, 4, 6]);
  assertEquals(share([[0, 0], [0, 0], [0, 0]]), [33, 33, 34]);
  assertEquals(share([[0, 100], [0, 0]]), [100, 0]);

  const memories = instantiate(limitModule(growingMemories([[0, 1], [0, 1]]), { ...ROOMY, memoryPages: 10 }));
  assertEquals([memories[0]!(4), memories[0]!(1), memories[1]!(4), memories[1]!(1)], [1, -1, 1, -1]);
});

Deno.test("table.grow past the limit gives -1, with addresses of 32 and 64 bits", () => {
  const limits = { ...ROOMY, tableElements: 1000 };
  const grow = instantiate(limitModule(growingTables([[0x70, 0, 1]]), limits))[0]!;
  assertEquals([grow(1000), grow(999), grow(1)], [-1, 1, -1]);
  const most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]; // 2^64-1
  const grow64 = instantiate(limitModule(growingTables([[0x70, 5, 1, ...most]], I64), limits))[0]!;
  assertEquals([grow64(1000n), grow64(999n), grow64(1n)], [-1n, 1n, -1n]);
});

Deno.test("a table with an initial value is limited, and keeps the value", () => {
  const table = [0x40, 0, 0x70, 0, 1, 0xd0, 0x70, 0x0b];
  const limited = limitModule(growingTables([table]), { ...ROOMY, tableElements: 5 });
  const grow = instantiate(limited)[0]!;
  assertEquals([grow(5), grow(4)], [-1, 1]);
});

Deno.test("tables that start above the limit are refused with both figures", () => {
  const error = assertThrows(
    () => limitModule(growingTables([[0x70, 0, 5], [0x70, 0, 6]]), { ...ROOMY, tableElements: 10 }),
    GhostError,
    "Cannot load the module: its tables are 11 elements at the start, above the limit of 10 elements",
  );
  assertEquals(error.code, "MEMORY_LIMIT");
});

Deno.test("an imported memory is made within the limit and satisfies the import", () => {
  const kinds = [[0, 2], [1, 2, 80], [3, 2, 80], [4, 2], [5, 2, 80], [7, 2, 80]];
  for (const flagsAndSizes of kinds) {
    const module = moduleBytes([2, 1, 1, 0x65, 1, 0x6d, 2, ...flagsAndSizes]);
    const limited = limitModule(module, { ...ROOMY, memoryPages: 10 });
    const [memory] = readModule(limited).memories;
    assertEquals([memory?.type.minimum, memory?.type.maximum], [2, 10]);
    const made = new WebAssembly.Memory(importedMemoryLimits(memory!.type));
    instantiate(limited, { e: { m: made } });
    const pages = (count: number): number => (memory!.type.is64 ? BigInt(count) : count) as number;
    assertThrows(() => made.grow(pages(9)), RangeError);
    made.grow(pages(8));
    assertEquals(made.buffer.byteLength, 10 * 65_536);
  }
});

Deno.test("an import refuses a memory or table that may grow past the limit", () => {
  const memory = limitModule(moduleBytes([2, 1, 1, 0x65, 1, 0x6d, 2, 0, 1]), { ...ROOMY, memoryPages: 10 });
  assertThrows(
    () => instantiate(memory, { e: { m: new WebAssembly.Memory({ initial: 1 }) } }),
    WebAssembly.LinkError,
  );
  const table = limitModule(moduleBytes([2, 1, 1, 0x65, 1, 0x74, 1, 0x70, 0, 1]), {
    ...ROOMY,
    tableElements: 10,
  });
  const unbounded = new WebAssembly.Table({ element: "anyfunc", initial: 1 });
  assertThrows(() => instantiate(table, { e: { t: unbounded } }), WebAssembly.LinkError);
});

Deno.test("imported and own memories and tables share the limits, and the rest of the file stays as it is", () => {
  const original = fixture("everything.wasm");
  const limited = limitModule(original, { memoryPages: 40, tableElements: 30 });
  assertEquals(maxima(limited), { memories: [24, 16], tables: [14, 16] });
  assert(WebAssembly.validate(limited));

  const content = (bytes: Uint8Array, id: number): Uint8Array | undefined => {
    const section = readModule(bytes).sections.find((one) => one.id === id);
    return section && bytes.subarray(section.start, section.end);
  };
  assertEquals(content(limited, 5), undefined);
  for (const id of [1, 3, 13, 6, 7, 8, 9, 12, 10, 11]) {
    assertEquals(content(limited, id), content(original, id));
  }
  assertEquals(readModule(limited).exports.length, 16);
  assertEquals(readModule(limited).customSections, ["name"]);
});

Deno.test("a program of a real compiler runs on within its limit", () => {
  const limited = limitModule(fixture("words.wasm"), { memoryPages: 3, tableElements: 6 });
  assertEquals(maxima(limited), { memories: [3], tables: [6] });
  // Every call answers 8, EBADF: there is nothing to read and nowhere to write.
  const wasi = Object.fromEntries(readModule(limited).imports.map(({ name }) => [name, () => 8]));
  const exports: WebAssembly.Exports = instantiate(limited, { wasi_snapshot_preview1: wasi });
  (exports["_start"] as () => void)();
  assertThrows(() => (exports["memory"] as WebAssembly.Memory).grow(2), RangeError);
});

Deno.test("a section whose size was written long, or grows over a size of one byte, is written right", () => {
  const padded = new Uint8Array([...moduleBytes(), 5, 0x83, 0x80, 0x80, 0x80, 0x00, 1, 0, 1]);
  assert(WebAssembly.validate(padded));
  assertEquals(maxima(limitModule(padded, { ...ROOMY, memoryPages: 500 })).memories, [500]);
  const many = moduleBytes([5, 63, ...new Array(63).fill([0, 0]).flat()]); // 127 bytes of content
  const limited = limitModule(many, { ...ROOMY, memoryPages: 630 });
  assert(WebAssembly.validate(limited));
  assertEquals(maxima(limited).memories, new Array(63).fill(10));
});

Deno.test("what is no module is refused", () => {
  const error = assertThrows(() => limitModule(new Uint8Array([1, 2, 3]), ROOMY), GhostError);
  assertEquals(error.code, "NOT_A_MODULE");
});

Deno.test("every valid one of 5,000 mutants stays valid and keeps to the limits", () => {
  const random = randomNumbers(fuzzSeed());
  const original = fixture("everything.wasm");
  let limitedCount = 0;
  for (let i = 0; i < 5_000; i++) {
    const mutant = mutate(original, random);
    if (!WebAssembly.validate(mutant)) continue;
    const limits = { memoryPages: 3 + random(40), tableElements: 3 + random(40) };
    try {
      const limited = limitModule(mutant, limits);
      assert(WebAssembly.validate(limited), `invalid under ${JSON.stringify(limits)}: ${mutant}`);
      const { memories, tables } = maxima(limited);
      const sum = (figures: (number | undefined)[]): number =>
        figures.reduce<number>((all, one) => all + one!, 0);
      assert(sum(memories) <= limits.memoryPages && sum(tables) <= limits.tableElements, `${mutant}`);
      limitedCount += 1;
    } catch (error) {
      if (!(error instanceof GhostError && error.code === "MEMORY_LIMIT")) throw error;
    }
  }
  assert(limitedCount > 50, `${limitedCount} mutants were limited: they do not try it`);
});
