/** Most bytes that `crypto.getRandomValues` returns at once. */
const MOST_AT_ONCE = 1 << 16;

/** Fills `target` with cryptographically secure random bytes. */
export function fillRandom(target: Uint8Array): void {
  // Copied, since the generator refuses shared memory.
  const random = new Uint8Array(Math.min(target.length, MOST_AT_ONCE));
  for (let filled = 0; filled < target.length; filled += random.length) {
    crypto.getRandomValues(random);
    target.set(random.subarray(0, target.length - filled), filled);
  }
}
