/**
 * Bytes up to which the engine's own digest is asked. It copies what it is given, which is too much of a large module; but
 * what digests in pieces takes longer to load than to hash that much.
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
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole.subarray(0, filled))).toHex();
}

/** Not by @std/crypto, which digests pieces in WebAssembly: Deno's own has the processor's instructions for it. */
async function sha256InPieces(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  for await (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}
