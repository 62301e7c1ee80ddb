/** Signs for the handshake (docs/protocol.md, "Handshake"). */
export type Sign = (
  label: string,
  first: Uint8Array,
  second: Uint8Array,
  port: number,
) => Promise<Uint8Array>;

/** HMAC-SHA256 with `key` over label ‖ first nonce ‖ second nonce ‖ port (u16, little-endian). */
export async function signer(key: Uint8Array): Promise<Sign> {
  const imported = await crypto.subtle.importKey("raw", key.slice(), HMAC, false, ["sign"]);
  return async (label, first, second, port) => {
    const text = new TextEncoder().encode(label);
    const message = new Uint8Array(text.length + first.length + second.length + 2);
    message.set(text, 0);
    message.set(first, text.length);
    message.set(second, text.length + first.length);
    new DataView(message.buffer).setUint16(message.length - 2, port, true);
    return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
  };
}

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;
