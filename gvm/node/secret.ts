import { GhostError } from "../../gmp/errors.ts";
import { KEY_BYTES } from "../../gmp/handshake.ts";

/**
 * The secret of the store `home`, which only its owner may read (house.md, "GPMD").
 *
 * @throws {GhostError} `GPMD_NOT_RUNNING` when there is none yet, `UNAUTHENTICATED` when others may read it or it is not
 * a secret.
 */
export async function readSecret(home: string): Promise<Uint8Array> {
  const path = `${home}/secret`;
  try {
    const { mode, isFile } = await Deno.lstat(path);
    if (!isFile) throw new GhostError("UNAUTHENTICATED", `Cannot use the secret: ${path} is not a file`);
    if (mode !== null && (mode & 0o077) !== 0) {
      throw new GhostError(
        "UNAUTHENTICATED",
        `Cannot use the secret: others may read it; mend that with: chmod 600 ${path}`,
      );
    }
    const secret = await Deno.readFile(path);
    if (secret.length === KEY_BYTES) return secret;
    throw new GhostError(
      "UNAUTHENTICATED",
      `Cannot use the secret: ${path} has ${secret.length} bytes, not ${KEY_BYTES}`,
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new GhostError("GPMD_NOT_RUNNING", undefined, { cause: error });
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new GhostError("UNAUTHENTICATED", `Cannot use the secret: ${path} is not readable`, {
        cause: error,
      });
    }
    throw error;
  }
}
