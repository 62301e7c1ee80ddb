import { GhostError } from "../errors.ts";
import { MAX_ADDRESSES, parseDeviceAddress } from "./device_address.ts";
import { base32Length, readBase32, writeBase32 } from "./_base32.ts";

/** Bytes of an invitation's token: 128 bits cannot be guessed. */
export const TOKEN_BYTES = 16;
/** Bytes of a device's public key, Ed25519. */
const PUBLIC_KEY_BYTES = 32;
/** Characters of a code at most: a key, a token and all addresses fit. */
const LONGEST_CODE = 512;
const PREFIX = "ghost1-";

/** What an invitation's code says. */
interface InvitationCode {
  /** The public key of the device that invites. */
  readonly key: Uint8Array;
  /** What both sides prove that they know. */
  readonly token: Uint8Array;
  /** Where that device listens, such as `192.168.1.20:5990`. */
  readonly addresses: readonly string[];
}

/** The code for people to pass on: `ghost1-KEY-TOKEN@ADDRESS:PORT,ADDRESS:PORT`. */
export function writeInvitationCode({ key, token, addresses }: InvitationCode): string {
  return `${PREFIX}${writeBase32(key)}-${writeBase32(token)}@${addresses.join(",")}`;
}

/**
 * What `text` says; white space around it is skipped.
 *
 * @throws {GhostError} `PAIRING_FAILED` when it is no code, with the place of the first wrong character as
 * `details.position`, from 0.
 */
export function parseInvitationCode(text: string): InvitationCode {
  const code = text.trim();
  if (code.length > LONGEST_CODE) throw malformed(LONGEST_CODE, "it is longer than any code");
  if (!code.toLowerCase().startsWith(PREFIX)) throw malformed(0, `a code starts with "${PREFIX}"`);
  const keyEnd = PREFIX.length + base32Length(PUBLIC_KEY_BYTES);
  const key = bytesAt(code, PREFIX.length, keyEnd, PUBLIC_KEY_BYTES, "key");
  expect(code, keyEnd, "-");
  const tokenEnd = keyEnd + 1 + base32Length(TOKEN_BYTES);
  const token = bytesAt(code, keyEnd + 1, tokenEnd, TOKEN_BYTES, "token");
  expect(code, tokenEnd, "@");
  const addresses: string[] = [];
  let at = tokenEnd + 1;
  for (const address of code.slice(at).split(",")) {
    if (parseDeviceAddress(address) === undefined || addresses.length === MAX_ADDRESSES) {
      throw malformed(at, "an address such as 192.168.1.20:5990 should be there");
    }
    addresses.push(address);
    at += address.length + 1;
  }
  return { key, token, addresses };
}

function bytesAt(code: string, start: number, end: number, length: number, what: string): Uint8Array {
  const bytes = readBase32(code.slice(start, end), length);
  if (typeof bytes !== "number") return bytes;
  throw malformed(start + bytes, `the ${what} of a code has ${end - start} letters and digits`);
}

function expect(code: string, position: number, mark: string): void {
  if (code[position] !== mark) throw malformed(position, `"${mark}" should be there`);
}

function malformed(position: number, reason: string): GhostError {
  return new GhostError("PAIRING_FAILED", `Cannot read the code at character ${position + 1}: ${reason}`, {
    details: { position },
  });
}
