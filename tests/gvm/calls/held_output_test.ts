import { assertEquals } from "@std/assert";
import { HeldOutput } from "../../../gvm/calls/held_output.ts";

const chunk = (size: number, fill = 0) =>
  ({ stream: "stdout", bytes: new Uint8Array(size).fill(fill) }) as const;

Deno.test("what a taker leaves stays, in order, and counts until it is taken", () => {
  const held = new HeldOutput(100);
  for (let i = 0; i < 10; i++) assertEquals(held.push(chunk(10, i)), true);
  assertEquals(held.push(chunk(1)), false);
  const seen: number[] = [];
  for (let round = 0; held.waits; round++) {
    for (const { bytes } of held.take()) {
      seen.push(bytes[0]!);
      // One comes while others wait; after the third the taker leaves.
      if (round === 0) assertEquals(held.push(chunk(10, 10 + seen.length)), true);
      if (seen.length % 3 === 0) break;
    }
  }
  assertEquals(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13]);
  assertEquals(held.push(chunk(100)), true);
  assertEquals(held.push(chunk(1)), false);
});
