// npm's deno-std lacks the WASM file that its own crypto.js loads; Deno's node:crypto digests the same. As the WASM of the
// real one it is loaded by the first digest that needs it.
import type { Hash } from "node:crypto";

export type DigestAlgorithmName = "SHA-256" | "SHA-384" | "SHA-512";
export type DigestAlgorithm = DigestAlgorithmName | {
  name: DigestAlgorithmName;
};

export interface StdSubtleCrypto extends SubtleCrypto {
  /** The digest of a buffer, or of all the buffers that an iterable yields. */
  digest(
    algorithm: DigestAlgorithm,
    data: BufferSource | AsyncIterable<BufferSource> | Iterable<BufferSource>,
  ): Promise<ArrayBuffer>;
}

export interface StdCrypto extends Crypto {
  readonly subtle: StdSubtleCrypto;
}

const { subtle } = globalThis.crypto;

/** The Web Crypto API, whose `subtle.digest` also takes iterables. */
export const crypto: StdCrypto = {
  getRandomValues: globalThis.crypto.getRandomValues.bind(globalThis.crypto),
  randomUUID: globalThis.crypto.randomUUID.bind(globalThis.crypto),
  subtle: {
    decrypt: subtle.decrypt.bind(subtle),
    deriveBits: subtle.deriveBits.bind(subtle),
    deriveKey: subtle.deriveKey.bind(subtle),
    encrypt: subtle.encrypt.bind(subtle),
    exportKey: subtle.exportKey.bind(subtle),
    generateKey: subtle.generateKey.bind(subtle),
    importKey: subtle.importKey.bind(subtle),
    sign: subtle.sign.bind(subtle),
    unwrapKey: subtle.unwrapKey.bind(subtle),
    verify: subtle.verify.bind(subtle),
    wrapKey: subtle.wrapKey.bind(subtle),
    async digest(algorithm, data): Promise<ArrayBuffer> {
      if (isBufferSource(data)) return await subtle.digest(algorithm, data);
      const hash = await hashOf(algorithm);
      for await (const chunk of data) hash.update(toUint8Array(chunk));
      return resultOf(hash);
    },
  } as StdSubtleCrypto,
};

async function hashOf(algorithm: DigestAlgorithm): Promise<Hash> {
  const { createHash } = await import("node:crypto");
  const name = typeof algorithm === "string" ? algorithm : algorithm.name;
  return createHash(name.toLowerCase().replace("-", ""));
}

function resultOf(hash: Hash): ArrayBuffer {
  return new Uint8Array(hash.digest()).buffer;
}

function isBufferSource(data: unknown): data is BufferSource {
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data);
}

function toUint8Array(data: BufferSource): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
