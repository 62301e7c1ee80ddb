import { GhostError } from "../../../gmp/errors.ts";

/** A certificate of a lane as both sides use it. */
export interface LaneCertificate {
  /** What it is for: a name of the domain `invalid`, which no public authority issues (RFC 6761). */
  readonly name: string;
  /** The certificate as X.509 in DER: what is exchanged. */
  readonly certificate: Uint8Array<ArrayBuffer>;
  /** The same in PEM. */
  readonly pem: string;
}

/** This device's own: with its key. */
export interface OwnCertificate extends LaneCertificate {
  /** The private key as PKCS #8 in PEM. It never leaves the process. */
  readonly key: string;
  /** The proof, for device `to` alone, that device `from` has the key. */
  prove(from: string, to: string): Promise<Uint8Array>;
}

// DER, as far as the one form of certificate needs it (X.690; RFC 5280, RFC 8410).
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const UTF8_STRING = 0x0c;
const SEQUENCE = 0x30;
const SET = 0x31;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
/** `[0]` of the version, `[3]` of the extensions, `[2]` of a DNS name in them. */
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const DNS_NAME = 0x82;
const ED25519 = element(SEQUENCE, Uint8Array.fromHex("06032b6570"));
const COMMON_NAME = Uint8Array.fromHex("0603550403");
const SUBJECT_ALTERNATIVE_NAME = Uint8Array.fromHex("0603551d11");

const KEY_SIZE = 32;
const SIGNATURE_SIZE = 64;
const LAYOUT = formOf(`${"0".repeat(32)}.ghost.invalid`, new Uint8Array(KEY_SIZE));
/** Bytes of every certificate: only name, key and signature differ. */
const CERTIFICATE_SIZE = certificateOf(LAYOUT, new Uint8Array(SIGNATURE_SIZE)).length;
/** Where the key is in it: after its header, in the signed part. */
const KEY_OFFSET = CERTIFICATE_SIZE - signature(new Uint8Array(SIGNATURE_SIZE)).length -
  LAYOUT.signed.length + LAYOUT.keyOffset;

/** The part of a certificate that is signed. */
interface Form {
  readonly signed: Uint8Array<ArrayBuffer>;
  /** Where the key begins in `signed`. */
  readonly keyOffset: number;
}

/** Makes a key and its certificate, for one run of the process. */
export async function makeCertificate(): Promise<OwnCertificate> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const name = await nameOf(publicKey);
  const form = formOf(name, publicKey);
  const signed = new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, form.signed));
  const certificate = certificateOf(form, signed);
  const key = pemOf("PRIVATE KEY", new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)));
  const prove = async (from: string, to: string) =>
    new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, proofText(from, to)));
  return { name, certificate, pem: pemOf("CERTIFICATE", certificate), key, prove };
}

/**
 * Reads a certificate that another device sent. It must be, byte for byte, what `makeCertificate` makes of the key in
 * it, with a signature of that key: so a device can neither claim another's name nor hand our TLS anything that it would
 * fail on, which would be at the cost of all devices.
 *
 * @throws {GhostError} `BAD_REQUEST`
 */
export async function readCertificate(certificate: Uint8Array): Promise<LaneCertificate> {
  if (certificate.length === CERTIFICATE_SIZE) {
    const publicKey = certificate.slice(KEY_OFFSET, KEY_OFFSET + KEY_SIZE);
    const signed = certificate.slice(-SIGNATURE_SIZE);
    const name = await nameOf(publicKey);
    const form = formOf(name, publicKey);
    const expected = certificateOf(form, signed);
    if (
      certificate.every((byte, i) => byte === expected[i]) && await isSignedBy(publicKey, signed, form.signed)
    ) {
      return { name, certificate: expected, pem: pemOf("CERTIFICATE", expected) };
    }
  }
  throw new GhostError("BAD_REQUEST", "Cannot open a lane: the certificate is not of the form of lanes");
}

/**
 * Checks the proof that device `from` has sent to device `to` with `certificate`: that it has the key, and not only the
 * certificate from whoever has.
 *
 * @throws {GhostError} `BAD_REQUEST`
 */
export async function checkProof(
  { certificate }: LaneCertificate,
  proof: Uint8Array,
  from: string,
  to: string,
): Promise<void> {
  const publicKey = certificate.slice(KEY_OFFSET, KEY_OFFSET + KEY_SIZE);
  if (await isSignedBy(publicKey, new Uint8Array(proof), proofText(from, to))) return;
  throw new GhostError(
    "BAD_REQUEST",
    "Cannot open a lane: the device does not prove that the certificate is its own",
  );
}

/** What a proof signs. No other signature of the key is of anything that begins like this. */
function proofText(from: string, to: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`ghost lane\0${from}\0${to}`);
}

async function isSignedBy(
  publicKey: Uint8Array<ArrayBuffer>,
  signed: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signed, bytes);
  } catch {
    return false; // not a point of the curve
  }
}

async function nameOf(publicKey: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", publicKey));
  return `${hash.subarray(0, 16).toHex()}.ghost.invalid`;
}

function formOf(name: string, publicKey: Uint8Array): Form {
  const distinguished = element(
    SEQUENCE,
    element(SET, element(SEQUENCE, COMMON_NAME, element(UTF8_STRING, text(name)))),
  );
  const alternative = element(SEQUENCE, element(DNS_NAME, text(name)));
  // A device without a battery may believe that it is 1970, and what ends the certificate is the process.
  const validity = element(
    SEQUENCE,
    element(UTC_TIME, text("700101000000Z")),
    element(GENERALIZED_TIME, text("99991231235959Z")),
  );
  const extension = element(SEQUENCE, SUBJECT_ALTERNATIVE_NAME, element(OCTET_STRING, alternative));
  const extensions = element(EXTENSIONS, element(SEQUENCE, extension));
  const keyInfo = element(SEQUENCE, ED25519, element(BIT_STRING, Uint8Array.of(0), publicKey));
  const signed = element(
    SEQUENCE,
    element(VERSION, element(INTEGER, Uint8Array.of(2))),
    element(INTEGER, Uint8Array.of(1)),
    ED25519,
    distinguished,
    validity,
    distinguished,
    keyInfo,
    extensions,
  );
  return { signed, keyOffset: signed.length - extensions.length - KEY_SIZE };
}

function certificateOf(form: Form, signed: Uint8Array): Uint8Array<ArrayBuffer> {
  return element(SEQUENCE, form.signed, signature(signed));
}

function signature(signed: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat([ED25519, element(BIT_STRING, Uint8Array.of(0), signed)]);
}

/** An element of DER: its tag, the length of its contents, and these. */
function element(tag: number, ...contents: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = contents.reduce((sum, { length }) => sum + length, 0);
  const size = length < 0x80
    ? [length]
    : length < 0x100
    ? [0x81, length]
    : [0x82, length >> 8, length & 0xff];
  return concat([Uint8Array.of(tag, ...size), ...contents]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function pemOf(label: string, der: Uint8Array): string {
  const lines = der.toBase64().replaceAll(/.{64}/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
