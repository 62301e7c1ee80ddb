import { fillRandom } from "../../host/random.ts";
import type { Context, Functions } from "../context.ts";

/** The group `random_` of `wasi_snapshot_preview1.witx`. */
export function randomFunctions({ memory }: Context): Functions {
  return {
    /** `random_get`: fills a buffer with cryptographically secure random bytes. */
    random_get(buffer: number, length: number): void {
      fillRandom(memory.bytes(buffer, length));
    },
  };
}
