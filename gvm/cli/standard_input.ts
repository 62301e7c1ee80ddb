import type { GhostError } from "../../gmp/errors.ts";
import { systemFault } from "../../gmp/system_fault.ts";

/** Bytes read at a time: four times what `Deno.stdin.readable` reads, at a sixth of the cost per byte. */
const CHUNK = 1 << 18;

/**
 * Standard input as it arrives. Each piece is valid until the next is requested. A pending read cannot be
 * cancelled, so this is for a command whose end ends the process.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` when it cannot be read, saying why.
 */
export async function* standardInput(): AsyncGenerator<Uint8Array, void, void> {
  const buffer = new Uint8Array(CHUNK);
  const read = () => Deno.stdin.read(buffer).catch((error) => Promise.reject(unreadable(error)));
  for (let count = await read(); count !== null; count = await read()) yield buffer.subarray(0, count);
}

/** What it is for a user that standard input cannot be read: it is a directory, or a device that fails. */
export function unreadable(error: unknown): GhostError {
  return systemFault("BAD_ARGUMENTS", "read standard input", error);
}
