import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import type { Ed25519PrivateKey } from "@libp2p/interface";
import { createTemporaryFile, syncDirectory, tryRemove, writeAll } from "../../../gmp/device/durable.ts";
import { checkStoreFile } from "../../../gmp/device/secret.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { KEY_BYTES, newKey } from "../../../gmp/handshake/keys.ts";
import { systemFault } from "../../../gmp/system_fault.ts";

/**
 * This device's key, Ed25519, whose seed is the 32 bytes of the file `key` in `directory` (mode 0600). It is drawn when
 * there is none; processes that start at the same time all get the same one.
 *
 * @throws {GhostError} `STORE_FAULT` when the directory or the file is another user's, open to others (with the chmod
 * that helps), a symbolic link, or cannot be used.
 */
export async function openDeviceKey(directory: string): Promise<Ed25519PrivateKey> {
  const path = `${directory}/key`;
  try {
    const seed = await readSeed(directory, path) ?? await drawSeed(directory, path);
    return await generateKeyPairFromSeed("Ed25519", seed);
  } catch (error) {
    throw systemFault("STORE_FAULT", `use the device's key "${path}"`, error);
  }
}

async function readSeed(directory: string, path: string): Promise<Uint8Array | undefined> {
  let size: number;
  try {
    size = (await checkStoreFile(directory, path, Deno)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const seed = size === KEY_BYTES ? await Deno.readFile(path) : undefined;
  if (seed?.length === KEY_BYTES) return seed;
  throw new GhostError(
    "STORE_FAULT",
    `Cannot use "${path}": it has ${size} bytes, not ${KEY_BYTES}; without it this device must be paired anew`,
  );
}

async function drawSeed(directory: string, path: string): Promise<Uint8Array> {
  const temporary = await createTemporaryFile(directory);
  try {
    using file = temporary.file;
    await writeAll(file, newKey());
    await file.sync();
    await Deno.link(temporary.path, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error; // the other process's is as good
  } finally {
    await tryRemove(temporary.path);
  }
  await syncDirectory(directory);
  return (await readSeed(directory, path))!;
}
