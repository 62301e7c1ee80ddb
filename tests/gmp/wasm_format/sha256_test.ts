import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { sha256 } from "../../../gmp/wasm_format/sha256.ts";
import { turnsDuring } from "../_turns.ts";

/** Sizes on both sides of the one from which the hash is made in pieces. */
const SIZES = [0, 1, 1000, 1 << 20, (1 << 20) + 1, 3_000_000];

async function* inPieces(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += step) yield bytes.subarray(start, start + step);
}

Deno.test("bytes of any size, in one piece or many, have the hash that the engine gives them", async () => {
  for (const size of SIZES) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i * 31 + (i >> 8));
    const expected = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    assertEquals(await sha256([bytes], size), expected);
    assertEquals(await sha256(inPieces(bytes, 70_001), size), expected);
  }
});

Deno.test("fewer bytes than announced have the hash of those that came", async () => {
  const bytes = new Uint8Array(100).fill(7);
  assertEquals(await sha256([bytes], 1000), await sha256([bytes], bytes.length));
  assertEquals(await sha256([bytes], 2_000_000), await sha256([bytes], bytes.length));
});

Deno.test("one large piece is hashed in turns", async () => {
  const bytes = new Uint8Array(1 << 26);
  await sha256([bytes.subarray(0, 2 << 20)], 2 << 20); // what it loads is there
  assertGreaterOrEqual(await turnsDuring(() => sha256([bytes], bytes.length)), 5);
});
