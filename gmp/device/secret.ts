import { GhostError } from "../errors.ts";
import { KEY_BYTES } from "../handshake/keys.ts";
import { checkOwner, checkPrivate, type PathInfo } from "./private_path.ts";
import { quotedPath } from "../system_error.ts";
import { systemFault } from "../system_fault.ts";

/** The functions that check and read the secret's file; `Deno` has them. */
interface SecretFiles {
  /** See `Deno.lstat`. */
  lstat(path: string): Promise<PathInfo>;
  /** See `Deno.readFile`. */
  readFile(path: string): Promise<Uint8Array>;
}

/** The path of the secret in the store `home`. */
export function secretPath(home: string): string {
  return `${home}/secret`;
}

/**
 * The secret of the store `home`, which only its owner may read: for the daemon, and for whoever talks to it.
 *
 * Whether the store is the user's own can only be told with the permission `--allow-sys=uid`; the daemon, which lacks
 * it, tells by the owner of a file that it makes.
 *
 * @throws {GhostError} `GPMD_NOT_RUNNING` when there is none yet; `STORE_FAULT` when the store or the secret lets
 * others in (with the chmod that helps), is a symbolic link or somebody else's, or cannot be read, saying why;
 * `RESOURCE_EXHAUSTED` when the process has no descriptor left.
 */
export async function readSecret(home: string, files: SecretFiles): Promise<Uint8Array> {
  const path = secretPath(home);
  try {
    const info = await checkStoreFile(home, path, files);
    const secret = info.size === KEY_BYTES ? await files.readFile(path) : undefined;
    if (secret?.length === KEY_BYTES) return secret;
    throw new GhostError(
      "STORE_FAULT",
      `Cannot use "${path}": it has ${info.size} bytes, not ${KEY_BYTES}; remove it and GPMD draws a new secret`,
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new GhostError("GPMD_NOT_RUNNING", undefined, { cause: error });
    }
    throw systemFault("STORE_FAULT", `use the store ${quotedPath(home)}`, error);
  }
}

/**
 * Checks that the store `home` and its file at `path` are the user's alone and not links; returns the file's info.
 *
 * @throws {GhostError} `STORE_FAULT` otherwise; and what `lstat` throws.
 */
export async function checkStoreFile(
  home: string,
  path: string,
  files: Pick<SecretFiles, "lstat">,
): Promise<PathInfo> {
  const directory = await files.lstat(home);
  checkPrivate(home, directory, "directory");
  const own = ownUser();
  if (own !== undefined) checkOwner(home, directory, { ...directory, uid: own });
  const info = await files.lstat(path);
  checkPrivate(path, info, "file");
  checkOwner(path, info, directory);
  return info;
}

/** The id of the user whose process this is, if it may be read and the system has one. */
function ownUser(): number | undefined {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "uid" });
  return state === "granted" ? Deno.uid() ?? undefined : undefined;
}
