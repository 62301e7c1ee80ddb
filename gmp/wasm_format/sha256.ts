/**
 * Bytes up to which @std/crypto is used, which passes them as a whole to the runtime's digest. That copies them, which
 * is too much for a large module.
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
  const { crypto } = await import("@std/crypto/crypto"); // only if needed: it takes 7 ms to load
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole.subarray(0, filled))).toHex();
}

/** Bytes that are hashed in one turn of the event loop: they take some 6 ms, and a turn costs only 1 to 2. */
const STEP = 1 << 23;

/** @std/crypto digests pieces in WebAssembly; node:crypto uses the processor's instructions, in a third of the time. */
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
