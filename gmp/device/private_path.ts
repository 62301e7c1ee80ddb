import { GhostError } from "../errors.ts";

/** What tells whose a file or directory is; see `Deno.lstat`. */
export type PathInfo = Pick<Deno.FileInfo, "isFile" | "isDirectory" | "isSymlink" | "mode" | "uid" | "size">;

/** The modes of a directory and a file that only the owner may use. */
export const PRIVATE_MODES = { directory: 0o700, file: 0o600 } as const;

/**
 * Checks that `path` is a directory or a file, and its owner's alone. Modes are `null` where the system has none.
 *
 * @throws {GhostError} `STORE_FAULT` otherwise, with the chmod command that helps, if any.
 */
export function checkPrivate(path: string, info: PathInfo, kind: keyof typeof PRIVATE_MODES): void {
  const mode = (info.mode ?? 0) & 0o777;
  const reason = info.isSymlink
    ? "it is a symbolic link"
    : !(kind === "directory" ? info.isDirectory : info.isFile)
    ? `it is not a ${kind}`
    : (mode & 0o077) === 0
    ? undefined
    : `its mode ${mode.toString(8).padStart(4, "0")} lets other users in; close it with: chmod ${
      PRIVATE_MODES[kind].toString(8)
    } "${path}"`;
  if (reason !== undefined) throw new GhostError("STORE_FAULT", `Cannot use "${path}": ${reason}`);
}

/**
 * Checks that `path` belongs to the same user as `own`. User ids are `null` where the system has none.
 *
 * @throws {GhostError} `STORE_FAULT` otherwise, naming both users.
 */
export function checkOwner(path: string, info: PathInfo, own: PathInfo): void {
  if (info.uid === own.uid) return;
  throw new GhostError(
    "STORE_FAULT",
    `Cannot use "${path}": it belongs to user ${info.uid}, not to ${own.uid}`,
  );
}
