import { PAIRING_NONCE_BYTES } from "../../../gmp/messages/link.ts";

/** What both sides of a pairing know of it before they prove that they know the token, too. */
export interface PairingTranscript {
  /** The public key of the device that joins. */
  readonly joinerKey: Uint8Array;
  /** The public key of the device that has invited. */
  readonly hostKey: Uint8Array;
  /** What the joining side has drawn. */
  readonly joinerNonce: Uint8Array;
  /** What the inviting side has drawn. */
  readonly hostNonce: Uint8Array;
}

/** A nonce for a pairing. */
export function pairingNonce(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(PAIRING_NONCE_BYTES));
}

/**
 * The proof of one side that it knows `token`: HMAC-SHA256(token, "ghost pair " and the side ‖ both keys ‖ both nonces),
 * the joiner's first.
 */
export async function pairingProof(
  side: "join" | "host",
  token: Uint8Array,
  { joinerKey, hostKey, joinerNonce, hostNonce }: PairingTranscript,
): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", token.slice(), HMAC, false, ["sign"]);
  const label = new TextEncoder().encode(`ghost pair ${side}`);
  const parts = [label, joinerKey, hostKey, joinerNonce, hostNonce];
  const message = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
}

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;
