/**
 * Gives the memory of `bytes` back at once; they are empty from now on. What a module's bytes passed through is one small
 * object to the garbage collector, which would let several modules gather before it looks.
 */
export function giveBack(bytes: Uint8Array<ArrayBuffer>): void {
  bytes.buffer.transfer(0);
}
