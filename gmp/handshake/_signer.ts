import type { Audience } from "./identity.ts";

/** Computes a MAC of the handshake (docs/protocol.md, "Handshake"). */
type Sign = (
  label: string,
  first: Uint8Array,
  second: Uint8Array,
  { port, audience }: { port: number; audience: Audience },
) => Promise<Uint8Array>;

/** HMAC-SHA256 with `key` over label ‖ first nonce ‖ second nonce ‖ port (u16, little-endian) ‖ audience. */
export async function signer(key: Uint8Array): Promise<Sign> {
  const imported = await crypto.subtle.importKey("raw", key.slice(), HMAC, false, ["sign"]);
  return async (label, first, second, { port, audience }) => {
    const encoder = new TextEncoder();
    const parts = [
      encoder.encode(label),
      first,
      second,
      Uint8Array.of(port, port >> 8),
      encoder.encode(audience),
    ];
    const message = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      message.set(part, at);
      at += part.length;
    }
    return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
  };
}

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;
