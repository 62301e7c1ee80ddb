import { GhostError } from "../../gmp/errors.ts";
import { sha256 } from "../../gmp/wasm_format/sha256.ts";
import type { ModuleIdentity } from "./compiled_module.ts";

/**
 * Compares the SHA-256 of `bytes` with the one announced.
 *
 * @throws {GhostError} `HASH_MISMATCH` when they differ.
 */
export async function checkHash(bytes: Uint8Array<ArrayBuffer>, identity: ModuleIdentity): Promise<void> {
  const hash = await sha256([bytes], bytes.length);
  if (hash === identity.hash) return;
  throw new GhostError(
    "HASH_MISMATCH",
    `Cannot use ${identity.name}@${identity.version}: its bytes have the SHA-256 ${hash}, not ${identity.hash}`,
  );
}
