import { assertEquals, assertGreaterOrEqual, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { readModule, readModuleInTurns } from "../../../gmp/wasm_format/module_reader.ts";
import { turnsDuring } from "../_turns.ts";
import { leb, nameBytes } from "../fixtures/module_bytes.ts";

/** A module of `sections`, which may have megabytes. */
function largeModule(...sections: readonly [id: number, ...parts: (number[] | Uint8Array)[]][]): Uint8Array {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const parts = sections.flatMap(([id, ...parts]) => [
    [id, ...leb(parts.reduce((sum, { length }) => sum + length, 0))],
    ...parts,
  ]);
  const all = [header, ...parts];
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const part of all) {
    bytes.set(part, filled);
    filled += part.length;
  }
  return bytes;
}

function assertRefused(bytes: Uint8Array, message: string): void {
  const error = assertThrows(() => readModule(bytes), GhostError, message);
  assertEquals(error.code, "NOT_A_MODULE");
}

Deno.test("names are read up to 16 MiB together, whoever has them", () => {
  const custom = (length: number): [number, number[], Uint8Array] => [
    0,
    leb(length),
    new Uint8Array(length).fill(0x61),
  ];
  const half = (1 << 23) - 4; // its length takes four bytes
  assertEquals(readModule(largeModule(custom(half), custom(half))).customSections.length, 2);
  const refusal = "the names have over 16777216 bytes together";
  assertRefused(largeModule(custom((1 << 24) + 1)), refusal);
  assertRefused(largeModule(custom(half), custom(half), custom(1)), refusal);
  const imported = [1, ...nameBytes("module"), ...nameBytes("name"), 3, 0x7f, 0];
  assertRefused(largeModule(custom(half), custom(half), [2, imported]), refusal);
});

Deno.test("a million parameters and results are described, each type counted once", () => {
  const values = [...leb(1000), ...Array(1000).fill(0x7f)];
  const type = [0x60, ...values, ...values];
  const indices = (count: number) => Array.from({ length: count }, (_, i) => leb(i)).flat();
  const module = (types: number, twice = false) => {
    const exported = Array.from({ length: types }, (_, i) => [...nameBytes(`f${i}`), 0, ...leb(i)]).flat();
    const again = twice ? [...nameBytes("again"), 0, 0] : [];
    return largeModule(
      [1, leb(types), ...Array(types).fill(type)],
      [3, leb(types), indices(types)],
      [7, leb(types + (twice ? 1 : 0)), exported, again],
      [10, leb(types), Array(types).fill([3, 0, 0, 0x0b]).flat()],
    );
  };
  assertEquals(readModule(module(500, true)).exports.length, 501);
  assertRefused(module(501), "the imports and exports have over 1000000 parameters and results together");
});

Deno.test("a module is read in turns, also where one item of it is as long as the file", async () => {
  const addition = [0x41, 0, 0x6a];
  const additions = new Uint8Array(3_000_000 * addition.length);
  for (let i = 0; i < additions.length; i += addition.length) additions.set(addition, i);
  const bytes = largeModule([6, [1, 0x7f, 0, 0x41, 0], additions, [0x0b]]);
  assertGreaterOrEqual(await turnsDuring(() => readModuleInTurns(bytes)), 3);
});
