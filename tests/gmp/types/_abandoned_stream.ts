/** Runs with `--expose-gc`: prints how many of the streams that nobody reads any more were cancelled. */
import { readableOf } from "../../../gmp/types/element_lists.ts";

let cancelled = 0;
const done = Promise.withResolvers<void>();

async function leave(reads: number): Promise<void> {
  const stream = readableOf({
    next: () => Promise.resolve(new Uint8Array(1)),
    cancel: () => {
      if (++cancelled === 2) done.resolve();
    },
  }, "u8");
  const reader = stream.getReader();
  for (let i = 0; i < reads; i++) await reader.read();
}

await leave(0);
await leave(3);
const gc = (globalThis as unknown as { gc: () => void }).gc;
const timer = setInterval(gc, 5);
await done.promise;
clearInterval(timer);
console.log(cancelled);
