/**
 * Bytes up to which @std/crypto is asked, which hands whole bytes to the engine's own digest. That copies what it is given,
 * which is too much of a large module.
 */
const SMALL = 1 << 20;

/** The SHA-256 of `pieces`, together `size` bytes at most, as 64 hexadecimal digits in lower case. */
export async function sha256(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
): Promise<string> {
  if (size > SMALL) return await sha256InPieces(pieces);
  const whole = new Uint8Array(size);
  let filled = 0;
  for await (const piece of pieces) {
    whole.set(piece, filled);
    filled += piece.length;
  }
  const { crypto } = await import("@std/crypto/crypto"); // only by who hashes: it takes 7 ms to load
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole.subarray(0, filled))).toHex();
}

/** Bytes that are hashed before the event loop goes on: some 6 ms, beside which a turn of 1 to 2 costs little. */
const STEP = 1 << 23;

/** @std/crypto digests pieces in WebAssembly; the runtime's own has the processor's instructions for it, and takes a third. */
async function sha256InPieces(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  for await (const piece of pieces) {
    hash.update(piece.subarray(0, STEP));
    for (let start = STEP; start < piece.length; start += STEP) {
      await new Promise((resolve) => setTimeout(resolve));
      hash.update(piece.subarray(start, start + STEP));
    }
  }
  return hash.digest("hex");
}
