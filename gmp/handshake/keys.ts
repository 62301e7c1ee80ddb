/** Bytes of a secret and of a ticket. */
export const KEY_BYTES = 32;

/** A key, which a client proves that it knows. */
export interface Credential<T> {
  /** The key, {@linkcode KEY_BYTES} long. */
  readonly key: Uint8Array;
  /** Whether its client comes over a pipe from another device: the proof must say port 0, and else the real port. */
  readonly isPiped?: boolean;
  /** Called after the proof: what the key stands for, or `undefined` if it was good only once and has been used. */
  take(): T | undefined;
}

/** The key name in a PROOF that was made with the store's secret. */
export const SECRET_KEY_NAME = "secret";

/**
 * The store's secret as a server's only key: whoever proves that they know it is `holder`.
 *
 * @example
 * ```ts
 * import { newKey, secretCredential } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * const credential = secretCredential(newKey(), "somebody of this device");
 * assertEquals(credential("secret")?.take(), "somebody of this device");
 * assertEquals(credential("guess"), undefined);
 * ```
 */
export function secretCredential<T>(
  secret: Uint8Array,
  holder: T,
): (name: string) => Credential<T> | undefined {
  const credential = { key: secret, take: () => holder };
  return (name) => name === SECRET_KEY_NAME ? credential : undefined;
}

/** The key name in a PROOF that was made with the {@linkcode linkKey} of the store. */
export const LINK_KEY_NAME = "link";

/**
 * The key of this device's link, which knows it in place of the store's secret, and cannot compute the secret from it:
 * HMAC-SHA256(secret, "gmp/2 link") (docs/protocol.md, "Between GPMD and its link").
 */
export async function linkKey(secret: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret.slice(), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode("gmp/2 link")));
}

/**
 * The name of a ticket: a hash of it, which gives nothing away.
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
