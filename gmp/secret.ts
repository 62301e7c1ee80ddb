import { GhostError } from "./errors.ts";
import { KEY_BYTES } from "./handshake.ts";

/** How the secret's file is looked at and read: `Deno` itself is one. */
export interface SecretFiles {
  /** See `Deno.lstat`. */
  lstat(path: string): Promise<Pick<Deno.FileInfo, "isFile" | "mode">>;
  /** See `Deno.readFile`. */
  readFile(path: string): Promise<Uint8Array>;
}

/**
 * The secret of the store `home`, which only its owner may read (house.md, "GPMD"), for whoever talks to its daemon.
 *
 * @throws {GhostError} `GPMD_NOT_RUNNING` when there is none yet, `STORE_FAULT` when others may read it (with the chmod
 * that helps) or it is not a secret.
 */
export async function readSecret(home: string, files: SecretFiles): Promise<Uint8Array> {
  const path = `${home}/secret`;
  const refuse = (reason: string, cause?: unknown) =>
    new GhostError("STORE_FAULT", `Cannot use the secret: ${reason}`, { cause });
  try {
    const { mode, isFile } = await files.lstat(path);
    if (!isFile) throw refuse(`"${path}" is not a file`);
    if (mode !== null && (mode & 0o077) !== 0) {
      throw refuse(`others may read it; mend that with: chmod 600 "${path}"`);
    }
    const secret = await files.readFile(path);
    if (secret.length === KEY_BYTES) return secret;
    throw refuse(`"${path}" has ${secret.length} bytes, not ${KEY_BYTES}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new GhostError("GPMD_NOT_RUNNING", undefined, { cause: error });
    }
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotADirectory) {
      throw refuse(`"${path}" is not readable`, error);
    }
    throw error;
  }
}
