/**
 * Gives the memory of `bytes` back at once; they are empty afterwards. To the garbage collector, the buffer of a module
 * is just one small object, so it would let several pile up before it collects them.
 */
export function giveBack(bytes: Uint8Array<ArrayBuffer>): void {
  bytes.buffer.transfer(0);
}
