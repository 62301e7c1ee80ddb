import { GhostError } from "../../gmp/errors.ts";
import {
  type ByteRange,
  type MemoryDescription,
  type MemoryType,
  type ModuleDescription,
  readModule,
} from "../../gmp/wasm_format/module_reader.ts";
import {
  appended,
  applyPatches,
  concat,
  encodeName,
  encodeUnsigned,
  type Patch,
  whole,
} from "./module_patches.ts";

/** What the instances of a module may have, all memories and all tables of one instance taken together. */
interface ModuleLimits {
  /** Pages of 64 KiB. */
  readonly memoryPages: number;
  /** Elements of tables. */
  readonly tableElements: number;
}

/** Bytes of one page of linear memory. */
export const PAGE_BYTES = 1 << 16;

/** Sections and kinds of the binary format. */
const IMPORT_SECTION = 2;
const MEMORY_SECTION = 5;
const MEMORY_KIND = 2;

/**
 * The namespace from which a limited module imports what were memories of its own, so that each instance is given memories
 * that may grow as far as its caller has room. A module that imports from it itself cannot be instantiated.
 */
export const OWN_MEMORIES = "memories of its own";

/** Where V8 stops by itself, so the most that a maximum may say: pages by size of address, and elements. */
const MAX_PAGES_32 = 65_536;
const MAX_PAGES_64 = 262_144;
const MAX_ELEMENTS = 10_000_000;

/** What {@linkcode limitModule} needs of a memory or a table. */
interface Growing {
  readonly type: { readonly minimum: number; readonly maximum?: number; readonly is64: boolean };
  readonly limits: ByteRange;
}

/**
 * The module with the maxima of its memories and tables lowered, so that `memory.grow` and `table.grow` past the limits
 * give -1 as the specification says, whatever the module does (docs/limits.md). The maxima of one
 * module add up to no more than the limit: what the minima leave free is shared evenly between the memories, and what a
 * memory's own maximum cannot use goes to the others. A module with one memory, as almost all are, has all of it.
 *
 * Imported memories and tables count as the module's own, and the module's own memories are made imports, from
 * {@linkcode OWN_MEMORIES}: the engine makes every memory for it, and may make one that grows less far
 * ({@linkcode importedMemoryLimits}). Shared memories and those of 64 bits are treated alike.
 * Not counted: objects of garbage-collected types, and what the engine itself needs for code and instances.
 *
 * Only the import, table and memory sections are written anew, the rest is copied in blocks; `bytes` itself is returned
 * when there is nothing to change. `module` is what `readModule` says of the very same `bytes`.
 *
 * @throws {GhostError} `NOT_A_MODULE` when the bytes are none; `MEMORY_LIMIT` when the minima are above a limit.
 */
export function limitModule(
  bytes: Uint8Array<ArrayBuffer>,
  limits: ModuleLimits,
  module: ModuleDescription = readModule(bytes),
): Uint8Array<ArrayBuffer> {
  const { memories, tables } = module;
  const pages = total(memories);
  if (pages > limits.memoryPages) {
    throw new GhostError(
      "MEMORY_LIMIT",
      `Cannot load the module: its memory is ${pages * PAGE_BYTES} bytes at the start, ` +
        `above the limit of ${limits.memoryPages * PAGE_BYTES} bytes`,
      { details: { needed: pages * PAGE_BYTES, limit: limits.memoryPages * PAGE_BYTES } },
    );
  }
  const elements = total(tables);
  if (elements > limits.tableElements) {
    throw new GhostError(
      "MEMORY_LIMIT",
      `Cannot load the module: its tables are ${elements} elements at the start, ` +
        `above the limit of ${limits.tableElements} elements`,
      { details: { needed: elements, limit: limits.tableElements } },
    );
  }
  const lowered = lower(memories, limits.memoryPages - pages, greatestPages);
  const patches = [
    ...lowered.filter(({ item }) => item.imported).flatMap(patchOf),
    ...lower(tables, limits.tableElements - elements, () => MAX_ELEMENTS).flatMap(patchOf),
    ...importPatches(bytes, module, lowered.filter(({ item }) => !item.imported)),
  ];
  return patches.length === 0 ? bytes : applyPatches(bytes, module.sections, patches);
}

function patchOf({ item: { type, limits }, maximum, isLowered }: Lowered<Growing>): Patch[] {
  return isLowered ? [{ ...limits, bytes: encodeLimits(type, maximum) }] : [];
}

/** The memories of the module itself as imports behind all others, which leaves every index as it is. */
function importPatches(
  bytes: Uint8Array,
  { imports, sections }: ModuleDescription,
  own: readonly Lowered<MemoryDescription>[],
): Patch[] {
  const section = sections.find(({ id }) => id === MEMORY_SECTION);
  if (own.length === 0 || section === undefined) return [];
  const namespace = encodeName(OWN_MEMORIES);
  const entries = own.flatMap(({ item, maximum }, index) => [
    ...namespace,
    ...encodeName(String(index)),
    MEMORY_KIND,
    ...encodeLimits(item.type, maximum),
  ]);
  const there = sections.find(({ id }) => id === IMPORT_SECTION);
  if (there !== undefined) {
    return [...appended(bytes, there, imports.length + own.length, entries), whole(section, [])];
  }
  const content = [...encodeUnsigned(own.length), ...entries];
  const made = [IMPORT_SECTION, ...encodeUnsigned(content.length), ...content];
  // Sections come in the order of their ids, but for custom ones.
  const next = sections.find(({ id }) => id > IMPORT_SECTION)!;
  return next === section
    ? [whole(section, made)]
    : [whole(next, concat([made, bytes.subarray(next.start, next.end)])), whole(section, [])];
}

function total(items: readonly Growing[]): number {
  return items.reduce((sum, item) => sum + item.type.minimum, 0);
}

/** A memory or table, and the maximum that it is to have. */
interface Lowered<T extends Growing> {
  readonly item: T;
  readonly maximum: number | undefined;
  readonly isLowered: boolean;
}

/** Shares `free`, what the minima leave of the limit. */
function lower<T extends Growing>(
  items: readonly T[],
  free: number,
  ceiling: (type: Growing["type"]) => number,
): Lowered<T>[] {
  const growths = shareOut(items.map(({ type }) => growth(type, ceiling(type))), free);
  return items.map((item, index) => {
    const maximum = item.type.minimum + growths[index]!;
    const isLowered = maximum < (item.type.maximum ?? ceiling(item.type));
    return { item, isLowered, maximum: isLowered ? maximum : item.type.maximum };
  });
}

function growth({ minimum, maximum = Infinity }: Growing["type"], ceiling: number): number {
  return Math.max(0, Math.min(maximum, ceiling) - minimum);
}

/** Pages that a memory of `type` may grow by at most. */
export function growthOf(type: MemoryType): number {
  return growth(type, greatestPages(type));
}

function greatestPages({ is64 }: Growing["type"]): number {
  return is64 ? MAX_PAGES_64 : MAX_PAGES_32;
}

/**
 * `free` shared evenly between those who wish for so much; what one cannot use goes to the others. The shares are in the order
 * of `wishes`.
 */
export function shareOut(wishes: readonly number[], free: number): number[] {
  const shares: number[] = new Array(wishes.length).fill(0);
  // The smallest first, so that all that they leave of an even share is known when the larger ones have their turn.
  const order = [...wishes.keys()].sort((a, b) => wishes[a]! - wishes[b]!);
  order.forEach((of, index) => {
    shares[of] = Math.min(wishes[of]!, Math.floor(free / (order.length - index)));
    free -= shares[of]!;
  });
  return shares;
}

/** Limits of the binary format: flags (1 has a maximum, 2 is shared, 4 has 64 bits), minimum, maximum. */
function encodeLimits(
  type: Growing["type"] & { shared?: boolean },
  maximum: number | undefined,
): Uint8Array {
  const flags = (maximum === undefined ? 0 : 1) | (type.shared ? 2 : 0) | (type.is64 ? 4 : 0);
  const end = maximum === undefined ? [] : encodeUnsigned(maximum);
  return Uint8Array.of(flags, ...encodeUnsigned(type.minimum), ...end);
}

/**
 * How the engine makes the memory for an import of `type`, as the limited module's description gives it: as large at the
 * start as the import asks, growing no further than it allows. Such a memory always satisfies the import.
 */
export function importedMemoryLimits(type: MemoryType): WebAssembly.MemoryDescriptor {
  const size = (pages: number): number | bigint => type.is64 ? BigInt(pages) : pages;
  // TypeScript's declarations do not know `address` and the bigints that go with it yet.
  return {
    address: type.is64 ? "i64" : "i32",
    initial: size(type.minimum),
    ...(type.maximum === undefined ? {} : { maximum: size(type.maximum) }),
    shared: type.shared,
  } as WebAssembly.MemoryDescriptor;
}
