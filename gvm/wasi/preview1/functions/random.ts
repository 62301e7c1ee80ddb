import type { Context, Functions } from "../context.ts";

/** Most bytes that `crypto.getRandomValues` returns at once. */
const MOST_AT_ONCE = 1 << 16;

/** The group `random_` of `wasi_snapshot_preview1.witx`. */
export function randomFunctions({ memory }: Context): Functions {
  return {
    /** `random_get`: fills a buffer with cryptographically secure random bytes. */
    random_get(buffer: number, length: number): void {
      const target = memory.bytes(buffer, length);
      // Copied, since the generator refuses shared memory.
      const random = new Uint8Array(Math.min(length, MOST_AT_ONCE));
      for (let filled = 0; filled < length; filled += random.length) {
        crypto.getRandomValues(random);
        target.set(random.subarray(0, length - filled), filled);
      }
    },
  };
}
