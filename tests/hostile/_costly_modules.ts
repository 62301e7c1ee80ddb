/** Modules that are small, valid, and dear: to compile, in memory, or to check, in time. */
import { concat } from "../gmp/_wire.ts";
import { leb, moduleBytes, nameBytes } from "../gmp/fixtures/module_bytes.ts";

const I32 = 0x7f;
const EXPORT_F = [7, 1, ...nameBytes("f"), 0, 0];

/** `count` times `bytes`. */
function repeat(bytes: readonly number[], count: number): Uint8Array {
  const repeated = new Uint8Array(bytes.length * count);
  for (let i = 0; i < count; i++) repeated.set(bytes, i * bytes.length);
  return repeated;
}

/** A code section with `count` times the function `body`. */
function code(body: Uint8Array, count: number): Uint8Array<ArrayBuffer> {
  const sized = concat(Uint8Array.from(leb(body.length)), body);
  const length = leb(count).length + sized.length * count;
  return concat(Uint8Array.from([10, ...leb(length), ...leb(count)]), ...Array(count).fill(sized));
}

/**
 * A function `f(i32)` of 49,000 locals and `branches` blocks, each left by a branch: V8's first compiler keeps what it knows
 * of every local for every branch, at the first call. Of 1,000,000 it takes 6 GB.
 */
export function manyLocals(branches: number): Uint8Array<ArrayBuffer> {
  // (block (br_if 0 (local.get 0)))
  const blocks = repeat([0x02, 0x40, 0x20, 0, 0x0d, 0, 0x0b], branches);
  const body = concat(Uint8Array.from([1, ...leb(49_000), I32]), blocks, Uint8Array.of(0x0b));
  return concat(moduleBytes([1, 1, 0x60, 1, I32, 0], [3, 1, 0], EXPORT_F), code(body, 1));
}

/**
 * `functions` functions, of which `f()` is the first, each a block of 1,000 results with 1,800,000 branches out of it: to check
 * one takes V8 half a second.
 */
export function manyResults(functions: number): Uint8Array<ArrayBuffer> {
  const results = [...leb(1000), ...Array(1000).fill(I32)];
  // (block (type 1) 1,000 (i32.const 0), each (br_if 0 (i32.const 0)), end) 1,000 drop
  const body = concat(
    Uint8Array.of(0, 0x02, 1),
    repeat([0x41, 0], 1000),
    repeat([0x41, 0, 0x0d, 0], 1_800_000),
    Uint8Array.of(0x0b),
    repeat([0x1a], 1000),
    Uint8Array.of(0x0b),
  );
  const head = moduleBytes(
    [1, 2, 0x60, 0, 0, 0x60, 0, ...results],
    [3, functions, ...Array(functions).fill(0)],
    EXPORT_F,
  );
  return concat(head, code(body, functions));
}
