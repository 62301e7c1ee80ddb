/**
 * Runs with `--expose-gc`: reads modules that promise much, or have as many of something as fits into their bytes, and
 * prints as JSON how much memory reading each one took, garbage included, for each of its bytes.
 */
import { GhostError } from "../../gmp/errors.ts";
import { MAX_DEFINITIONS, MAX_DESCRIBED } from "../../gmp/wasm_format/_module_sections.ts";
import { readModule } from "../../gmp/wasm_format/module_reader.ts";
import { fixture, leb, moduleBytes, nameBytes } from "../gmp/fixtures/module_bytes.ts";

/** By what was read: bytes taken for each byte of the file, and whether it was read or refused. */
export type MemoryFigures = Record<string, { readonly factor: number; readonly refused: boolean }>;

/** Bytes that reading anything may take: the description itself, an error, what V8 makes for itself at any moment. */
const LITTLE = 1 << 20;
/** The greatest number that a 32-bit LEB128 integer can say. */
const MOST = [0xff, 0xff, 0xff, 0xff, 0x0f];

const FUNCTION_TYPE = [1, 1, 0x60, 0, 0];

function times(count: number, item: (index: number) => readonly number[]): number[] {
  const bytes = leb(count);
  for (let i = 0; i < count; i++) bytes.push(...item(i));
  return bytes;
}

function densest(): Record<string, Uint8Array<ArrayBuffer>> {
  const count = MAX_DESCRIBED;
  const shortName = (index: number) => nameBytes(index.toString(36));
  const custom = Array.from({ length: count }, () => [0, 0]);
  return {
    "types": moduleBytes([1, ...times(MAX_DEFINITIONS, () => [0x60, 0, 0])]),
    "functions": moduleBytes(FUNCTION_TYPE, [3, ...times(MAX_DEFINITIONS, () => [0])]),
    "imports": moduleBytes(FUNCTION_TYPE, [2, ...times(count, () => [0, 0, 0, 0])]),
    "imported globals": moduleBytes([2, ...times(count, () => [0, 0, 3, 0x7f, 0])]),
    "tables": moduleBytes([4, ...times(count, () => [0x70, 0, 0])]),
    "globals": moduleBytes([6, ...times(MAX_DEFINITIONS, () => [0x7f, 0, 0x41, 0, 0x0b])]),
    "exports": moduleBytes([5, 1, 0, 0], [7, ...times(count, (index) => [...shortName(index), 2, 0])]),
    "custom sections": moduleBytes(...custom),
    "parameters": moduleBytes([1, ...times(200, () => [0x60, ...times(1000, () => [0x7f]), 0])], [
      2,
      ...times(200, (index) => [0, 0, 0, ...leb(index)]),
    ]),
  };
}

/** Bytes that `action` takes, garbage included unless it was collected meanwhile. */
function memoryOf(action: () => unknown): number {
  const used = () => {
    const { heapUsed, external } = Deno.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  action();
  return used() - before;
}

function read(bytes: Uint8Array<ArrayBuffer>): boolean {
  try {
    readModule(bytes);
    return true;
  } catch (error) {
    if (error instanceof GhostError && error.code === "NOT_A_MODULE") return false;
    throw error;
  }
}

if (import.meta.main) {
  const { gc } = globalThis as unknown as { gc(): void };
  const figures: Record<string, { factor: number; refused: boolean }> = {};
  for (const [name, bytes] of Object.entries(densest())) {
    gc();
    let refused = false;
    const taken = memoryOf(() => refused = !read(bytes));
    figures[name] = { factor: Math.max(0, taken - LITTLE) / bytes.length, refused };
  }
  // A real module with a lie at each of its bytes: the most that any number there could say.
  const original = fixture("everything.wasm");
  gc();
  for (let at = 8; at < original.length; at++) {
    const lie = new Uint8Array([...original.subarray(0, at), ...MOST, ...original.subarray(at + 1)]);
    const taken = memoryOf(() => read(lie));
    const factor = Math.max(0, taken - LITTLE) / lie.length;
    if (factor >= (figures.lies?.factor ?? 0)) figures.lies = { factor, refused: true };
  }
  console.log(JSON.stringify(figures satisfies MemoryFigures));
}
