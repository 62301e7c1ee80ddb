/** A short run of the fuzzer at each kind of port; `deno task fuzz` is the long one. */
import { assert } from "@std/assert";
import { PORT_KINDS } from "./_conversation.ts";
import { describe, fuzz } from "./_fuzz.ts";

const FRAMES = 1000;

for (const port of PORT_KINDS) {
  Deno.test(`mutated conversations harm nobody but who sends them (${port})`, async () => {
    // A failure names the seed and the connection; `deno task fuzz --port=… --seed=… --first=…` plays it again.
    const seed = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 2 ** 32));
    const figures = await fuzz({ port, frames: FRAMES, seed });
    const { frames, early, answered, refused } = figures.tally;
    assert(
      frames >= FRAMES && early > 0 && answered > 0 && refused > 0,
      `seed ${seed}: ${describe(figures)}`,
    );
  });
}
