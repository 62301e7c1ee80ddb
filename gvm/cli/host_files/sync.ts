import { systemCode } from "../../../gmp/system_error.ts";

/** The errors of file systems that cannot sync a directory; nothing more can be done there. */
const CANNOT_SYNC: ReadonlySet<string | undefined> = new Set(["EINVAL", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"]);

/** Returns once the names in `directory` would survive a power cut. */
export function syncDirectory(directory: string): void {
  if (Deno.build.os === "windows") return; // opens no directories
  using handle = Deno.openSync(directory);
  try {
    handle.syncSync();
  } catch (error) {
    if (!CANNOT_SYNC.has(systemCode(error))) throw error;
  }
}

/**
 * Makes a file with `bytes`, which are on disk when this returns, though its name may not be. `mode` is that
 * of a new file, minus the system's mask.
 */
export function writeNewFile(path: string, bytes: Uint8Array, options: NewFile = {}): void {
  const { mode, owner, seconds } = options;
  using file = Deno.openSync(path, { createNew: true, write: true, mode: mode ?? 0o666 });
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
  setOwner(path, owner);
  if (mode !== undefined && Deno.build.os !== "windows") Deno.chmodSync(path, mode);
  if (seconds !== undefined) setTime(file, seconds);
  file.syncSync();
}

/** A new file's attributes. */
interface NewFile {
  readonly mode?: number | undefined;
  /** Its owner, where setting one is allowed. */
  readonly owner?: Owner | undefined;
  /** Its modification time, in seconds since 1970. */
  readonly seconds?: number;
}

/** A user and a group. */
interface Owner {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** Gives a file or directory to `owner`: only the superuser can, and only then does it matter. */
export function setOwner(path: string, owner: Owner | undefined): void {
  if (owner?.uid === undefined || owner.gid === undefined) return;
  const { uid, gid } = Deno.lstatSync(path);
  if (uid === owner.uid && gid === owner.gid) return;
  try {
    Deno.chownSync(path, owner.uid, owner.gid);
  } catch { /* then it is whose who runs this */ }
}

/**
 * Sets the time if possible: a guest may have set one that this file system cannot store, which is no reason
 * to lose the file.
 */
function setTime(file: Deno.FsFile, seconds: number): void {
  try {
    file.utimeSync(seconds, seconds);
  } catch { /* it has the time of now */ }
}
