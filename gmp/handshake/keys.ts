/** Bytes of a secret and of a ticket. */
export const KEY_BYTES = 32;

/** Name by which a PROOF says that it was made with the store's secret. */
export const SECRET_KEY_NAME = "secret";

/**
 * The name under which a ticket is known: a hash of it, so that the name gives nothing away.
 *
 * @example
 * ```ts
 * import { newKey, ticketName } from "@ghost/network/gmp";
 * import { assertMatch } from "@std/assert";
 *
 * assertMatch(await ticketName(newKey()), /^ticket:[0-9a-f]{32}$/);
 * ```
 */
export async function ticketName(ticket: Uint8Array): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", ticket.slice()));
  return `ticket:${hash.subarray(0, 16).toHex()}`;
}

/**
 * Random bytes for a ticket or a secret.
 *
 * @example
 * ```ts
 * import { KEY_BYTES, newKey } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(newKey().length, KEY_BYTES);
 * ```
 */
export function newKey(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
}
