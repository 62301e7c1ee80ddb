import { GhostError } from "../../gmp/errors.ts";
import {
  type ByteRange,
  type MemoryType,
  type ModuleDescription,
  readModule,
} from "../../gmp/module_reader.ts";
import { applyPatches, encodeUnsigned, type Patch } from "./module_patches.ts";

/** What the instances of a module may have, all memories and all tables of one instance taken together. */
export interface ModuleLimits {
  /** Pages of 64 KiB. */
  readonly memoryPages: number;
  /** Elements of tables. */
  readonly tableElements: number;
}

const PAGE_BYTES = 65_536;

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
 * Imported memories and tables count as the module's own, since the engine makes them for it; their import then asks
 * for the lowered maximum ({@linkcode importedMemoryLimits}). Shared memories and those of 64 bits are treated alike.
 * Not counted: objects of garbage-collected types, and what the engine itself needs for code and instances.
 *
 * Only the import, table and memory sections are written anew, the rest is copied in blocks; `bytes` itself is returned
 * when it keeps to the limits already. `module` is what `readModule` says of the very same `bytes`.
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
  const patches = [
    ...lower(memories, limits.memoryPages - pages, (type) => type.is64 ? MAX_PAGES_64 : MAX_PAGES_32),
    ...lower(tables, limits.tableElements - elements, () => MAX_ELEMENTS),
  ];
  return patches.length === 0 ? bytes : applyPatches(bytes, module.sections, patches);
}

function total(items: readonly Growing[]): number {
  return items.reduce((sum, item) => sum + item.type.minimum, 0);
}

/** Shares `free`, what the minima leave of the limit, and gives the changes that this needs. */
function lower(items: readonly Growing[], free: number, ceiling: (type: Growing["type"]) => number): Patch[] {
  const wishes = items.map(({ type, limits }) => {
    const ownMaximum = type.maximum ?? ceiling(type);
    return {
      type,
      limits,
      ownMaximum,
      growth: Math.max(0, Math.min(ownMaximum, ceiling(type)) - type.minimum),
    };
  });
  // The smallest first, so that all that they leave of an even share is known when the larger ones have their turn.
  wishes.sort((a, b) => a.growth - b.growth);
  const patches: Patch[] = [];
  wishes.forEach(({ type, limits, ownMaximum, growth }, index) => {
    const granted = Math.min(growth, Math.floor(free / (wishes.length - index)));
    free -= granted;
    const maximum = type.minimum + granted;
    if (maximum < ownMaximum) patches.push({ ...limits, bytes: encodeLimits(type, maximum) });
  });
  return patches;
}

/** Limits of the binary format: flags (1 has a maximum, 2 is shared, 4 has 64 bits), minimum, maximum. */
function encodeLimits(type: Growing["type"] & { shared?: boolean }, maximum: number): Uint8Array {
  const flags = 1 | (type.shared ? 2 : 0) | (type.is64 ? 4 : 0);
  return Uint8Array.of(flags, ...encodeUnsigned(type.minimum), ...encodeUnsigned(maximum));
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
