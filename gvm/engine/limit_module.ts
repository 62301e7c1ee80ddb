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

/** The limits of an instance, for all its memories and all its tables together. */
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
 * The namespace from which a limited module imports what were its own memories, so that each instance gets
 * memories that may grow as far as its caller has room. A module that itself imports from it cannot be
 * instantiated.
 */
export const OWN_MEMORIES = "memories of its own";

/** V8's own limits, and so the highest maxima: pages by address size, and elements. */
const MAX_PAGES_32 = 65_536;
const MAX_PAGES_64 = 262_144;
const MAX_ELEMENTS = 10_000_000;

/** What {@linkcode limitModule} needs to know about a memory or a table. */
interface Growing {
  readonly type: { readonly minimum: number; readonly maximum?: number; readonly is64: boolean };
  readonly limits: ByteRange;
}

/**
 * The module with the maxima of its memories and tables lowered, so that `memory.grow` and `table.grow` past
 * the limits return -1 as specified, whatever the module does (docs/limits.md). The maxima of one module add
 * up to no more than the limit: what the minima leave is shared evenly between the memories, and what a
 * memory's own maximum cannot use goes to the others. A module with one memory, as almost all have, gets all
 * of it.
 *
 * Imported memories and tables count as the module's own, and the module's own memories become imports from
 * {@linkcode OWN_MEMORIES}: the engine makes every memory, and may make one that cannot grow as far
 * ({@linkcode importedMemoryLimits}). Shared and 64-bit memories are treated alike. Not counted: objects of
 * garbage-collected types, and the engine's own memory for code and instances.
 *
 * Only the import, table and memory sections are rewritten, the rest is copied in blocks; `bytes` itself is
 * returned if there is nothing to change. `module` is `readModule`'s description of the same `bytes`.
 *
 * @throws {GhostError} `NOT_A_MODULE` for invalid bytes; `MEMORY_LIMIT` when the minima exceed a limit.
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

/** The module's own memories as imports after all others, which leaves every index unchanged. */
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
  // Sections come in the order of their ids, except custom ones.
  const next = sections.find(({ id }) => id > IMPORT_SECTION)!;
  return next === section
    ? [whole(section, made)]
    : [whole(next, concat([made, bytes.subarray(next.start, next.end)])), whole(section, [])];
}

function total(items: readonly Growing[]): number {
  return items.reduce((sum, item) => sum + item.type.minimum, 0);
}

/** A memory or table, and its new maximum. */
interface Lowered<T extends Growing> {
  readonly item: T;
  readonly maximum: number | undefined;
  readonly isLowered: boolean;
}

/** Shares out `free`, what the minima leave of the limit. */
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

/** Most pages that a memory of `type` may grow by. */
export function growthOf(type: MemoryType): number {
  return growth(type, greatestPages(type));
}

function greatestPages({ is64 }: Growing["type"]): number {
  return is64 ? MAX_PAGES_64 : MAX_PAGES_32;
}

/**
 * Shares `free` evenly, but gives none more than it wishes; the rest goes to the others. The shares are in
 * the order of `wishes`.
 */
export function shareOut(wishes: readonly number[], free: number): number[] {
  const shares: number[] = new Array(wishes.length).fill(0);
  // The smallest first, so that what they leave of an even share is known when the larger ones have their
  // turn.
  const order = [...wishes.keys()].sort((a, b) => wishes[a]! - wishes[b]!);
  order.forEach((of, index) => {
    shares[of] = Math.min(wishes[of]!, Math.floor(free / (order.length - index)));
    free -= shares[of]!;
  });
  return shares;
}

/** Limits in the binary format: flags (1 has a maximum, 2 is shared, 4 has 64 bits), minimum, maximum. */
function encodeLimits(
  type: Growing["type"] & { shared?: boolean },
  maximum: number | undefined,
): Uint8Array {
  const flags = (maximum === undefined ? 0 : 1) | (type.shared ? 2 : 0) | (type.is64 ? 4 : 0);
  const end = maximum === undefined ? [] : encodeUnsigned(maximum);
  return Uint8Array.of(flags, ...encodeUnsigned(type.minimum), ...end);
}

/**
 * The memory that the engine makes for an import of `type` from the limited module's description: as large at
 * the start as the import asks, growing no further than it allows. Such a memory always satisfies the import.
 */
export function importedMemoryLimits(type: MemoryType): WebAssembly.MemoryDescriptor {
  const size = (pages: number): number | bigint => type.is64 ? BigInt(pages) : pages;
  // TypeScript does not declare `address` and its bigints yet.
  return {
    address: type.is64 ? "i64" : "i32",
    initial: size(type.minimum),
    ...(type.maximum === undefined ? {} : { maximum: size(type.maximum) }),
    shared: type.shared,
  } as WebAssembly.MemoryDescriptor;
}
