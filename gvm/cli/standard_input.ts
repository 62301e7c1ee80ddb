/** Bytes read at a time: four times what `Deno.stdin.readable` reads, at a sixth of the cost per byte. */
const CHUNK = 1 << 18;

/**
 * Standard input as it arrives. Each piece is valid until the next is requested. A pending read cannot be
 * cancelled, so this is for a command whose end ends the process.
 */
export async function* standardInput(): AsyncGenerator<Uint8Array, void, void> {
  const buffer = new Uint8Array(CHUNK);
  for (let count = await Deno.stdin.read(buffer); count !== null; count = await Deno.stdin.read(buffer)) {
    yield buffer.subarray(0, count);
  }
}
