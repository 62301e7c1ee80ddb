/**
 * As much of a client of TLS 1.3 (RFC 8446) as it takes to show a certificate and sign with whatever key: libraries refuse
 * to use one that is another's, and a thief would not. TLS_AES_128_GCM_SHA256, X25519, Ed25519; the server is believed.
 */
import { concat } from "../../../gmp/_wire.ts";

const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const CERTIFICATE_VERIFY = 15;
const FINISHED = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;

type Bytes = Uint8Array<ArrayBuffer>;

/** What came of it: the first bytes that the server sent, or the number of the alert with which it refused. */
interface Outcome {
  readonly data?: Uint8Array;
  readonly alert?: number;
}

/** Connects to `port` as whoever has `certificate`, signs with `key`, and waits for what the server says to it. */
export async function showCertificate(
  port: number,
  certificate: Uint8Array,
  key: CryptoKey,
): Promise<Outcome> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const records = new Records(connection);
  const pair = await crypto.subtle.generateKey("X25519", true, ["deriveBits"]) as CryptoKeyPair;
  const hello = message(1, clientHello(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))));
  const transcript = [hello];
  await records.write(HANDSHAKE, hello);
  const serverHello = (await records.message(SERVER_HELLO))!;
  transcript.push(serverHello);

  const share = await crypto.subtle.importKey("raw", keyShareOf(serverHello), "X25519", false, []);
  const shared = new Uint8Array(
    await crypto.subtle.deriveBits({ name: "X25519", public: share }, pair.privateKey, 256),
  );
  const zeros = new Uint8Array(32);
  const none = await hash([]);
  const early = await hmac(zeros, zeros);
  const secret = await hmac(await expand(early, "derived", none, 32), shared);
  const clientSecret = await expand(secret, "c hs traffic", await hash(transcript), 32);
  records.readWith(await keysOf(await expand(secret, "s hs traffic", await hash(transcript), 32)));
  const sending = await keysOf(clientSecret);

  for (let type = 0; type !== FINISHED;) {
    const next = await records.message();
    if (next === undefined) return { alert: records.alert! };
    transcript.push(next);
    type = next[0]!;
  }
  const master = await hmac(await expand(secret, "derived", none, 32), zeros);
  records.readWith(await keysOf(await expand(master, "s ap traffic", await hash(transcript), 32)));

  const shown = message(CERTIFICATE, concat([0], vector(3, concat(vector(3, certificate), [0, 0]))));
  transcript.push(shown);
  const signed = concat(
    new Uint8Array(64).fill(32),
    text("TLS 1.3, client CertificateVerify"),
    [0],
    await hash(transcript),
  );
  const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", key, signed));
  const verify = message(CERTIFICATE_VERIFY, concat([8, 7], vector(2, signature)));
  transcript.push(verify);
  const finishedKey = await expand(clientSecret, "finished", new Uint8Array(0), 32);
  const finished = message(FINISHED, await hmac(finishedKey, await hash(transcript)));
  await records.write(HANDSHAKE, concat(shown, verify, finished), sending);
  return await records.data();
}

/** Keys of one direction. */
interface Keys {
  readonly key: CryptoKey;
  readonly iv: Bytes;
  count: number;
}

async function keysOf(secret: Bytes): Promise<Keys> {
  const raw = await expand(secret, "key", new Uint8Array(0), 16);
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  return { key, iv: await expand(secret, "iv", new Uint8Array(0), 12), count: 0 };
}

/** Records of TLS, and the messages of its handshake in them. */
class Records {
  readonly #connection: Deno.TcpConn;
  #keys: Keys | undefined;
  #messages: Bytes = new Uint8Array(0);
  /** The alert that came in place of a message. */
  alert: number | undefined;

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  readWith(keys: Keys): void {
    this.#keys = keys;
  }

  /** The next message, which must be a `type` if that is given; nothing after an alert. */
  async message(type?: number): Promise<Bytes | undefined> {
    for (;;) {
      const size = this.#messages.length < 4
        ? Infinity
        : 4 + new DataView(this.#messages.buffer).getUint32(0) % 2 ** 24;
      if (this.#messages.length >= size) {
        const next = this.#messages.slice(0, size);
        this.#messages = this.#messages.slice(size);
        if (type !== undefined && next[0] !== type) throw new Error(`message ${next[0]}, not ${type}`);
        return next;
      }
      const record = await this.#read();
      if (record.type === ALERT) {
        this.alert = record.bytes[1]!;
        return undefined;
      }
      if (record.type === HANDSHAKE) this.#messages = concat(this.#messages, record.bytes);
    }
  }

  /** The first bytes that come, or the alert. */
  async data(): Promise<Outcome> {
    for (;;) {
      const { type, bytes } = await this.#read();
      if (type === ALERT) return { alert: bytes[1]! };
      if (type === APPLICATION_DATA) return { data: bytes };
    }
  }

  async write(type: number, bytes: Bytes, keys?: Keys): Promise<void> {
    if (keys === undefined) return await this.#send(concat([type, 3, 1], vector(2, bytes)));
    const plain = concat(bytes, [type]);
    const head = concat([APPLICATION_DATA, 3, 3, (plain.length + 16) >> 8, (plain.length + 16) & 255]);
    const sealed = await crypto.subtle.encrypt(parametersOf(keys, head), keys.key, plain);
    await this.#send(concat(head, new Uint8Array(sealed)));
  }

  async #read(): Promise<{ type: number; bytes: Bytes }> {
    const head = await this.#exactly(5);
    const bytes = await this.#exactly(head[3]! * 256 + head[4]!);
    if (head[0] !== APPLICATION_DATA || this.#keys === undefined) return { type: head[0]!, bytes };
    const parameters = parametersOf(this.#keys, head);
    const opened = new Uint8Array(await crypto.subtle.decrypt(parameters, this.#keys.key, bytes));
    const end = opened.findLastIndex((byte) => byte !== 0);
    return { type: opened[end]!, bytes: opened.slice(0, end) };
  }

  async #exactly(size: number): Promise<Bytes> {
    const all = new Uint8Array(size);
    for (let count = 0; count < size;) {
      const read = await this.#connection.read(all.subarray(count));
      if (read === null) throw new Error("the server has closed without an alert");
      count += read;
    }
    return all;
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let count = 0; count < bytes.length;) count += await this.#connection.write(bytes.subarray(count));
  }
}

function parametersOf(keys: Keys, head: Bytes): AesGcmParams {
  const iv = keys.iv.slice();
  iv[11]! ^= keys.count++;
  return { name: "AES-GCM", iv, additionalData: head };
}

function clientHello(share: Bytes): Bytes {
  const extension = (type: number, contents: Bytes) => concat([type >> 8, type & 255], vector(2, contents));
  const extensions = concat(
    extension(43, Uint8Array.of(2, 3, 4)), // supported_versions: 1.3
    extension(10, Uint8Array.of(0, 2, 0, 29)), // supported_groups: x25519
    extension(13, Uint8Array.of(0, 2, 8, 7)), // signature_algorithms: ed25519
    extension(51, vector(2, concat([0, 29], vector(2, share)))), // key_share
  );
  const random = crypto.getRandomValues(new Uint8Array(32));
  return concat([3, 3], random, [0], [0, 2, 0x13, 1], [1, 0], vector(2, extensions));
}

/** The server's key: the 32 bytes after the head of its only share. */
function keyShareOf(serverHello: Bytes): Bytes {
  const head = [0, 51, 0, 36, 0, 29, 0, 32];
  const at = serverHello.findIndex((_, i) => head.every((byte, j) => serverHello[i + j] === byte));
  if (at < 0) throw new Error("the server has no share for x25519");
  return serverHello.slice(at + 8, at + 40);
}

function message(type: number, body: Uint8Array): Bytes {
  return concat([type], vector(3, body));
}

function vector(lengthBytes: number, contents: Uint8Array): Bytes {
  const length = Array.from(
    { length: lengthBytes },
    (_, i) => contents.length >> 8 * (lengthBytes - 1 - i) & 255,
  );
  return concat(length, contents);
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

async function hash(messages: readonly Bytes[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...messages)));
}

async function hmac(key: Bytes, bytes: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes));
}

/** HKDF-Expand-Label, for up to 32 bytes. */
async function expand(secret: Bytes, label: string, context: Bytes, length: number): Promise<Bytes> {
  const info = concat([0, length], vector(1, text(`tls13 ${label}`)), vector(1, context), [1]);
  return (await hmac(secret, info)).slice(0, length);
}
