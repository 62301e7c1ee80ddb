import { systemCode } from "../../../gmp/system_error.ts";

/** File systems that cannot sync a directory say so with one of these; there is no more to be done on them. */
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

/** Makes a file with `bytes`, which are on the disk when it returns, if not its name. `mode` is that of a new file, less what the system masks. */
export function writeNewFile(path: string, bytes: Uint8Array, options: NewFile = {}): void {
  const { mode, owner, seconds } = options;
  using file = Deno.openSync(path, { createNew: true, write: true, mode: mode ?? 0o666 });
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
  setOwner(path, owner);
  if (mode !== undefined && Deno.build.os !== "windows") Deno.chmodSync(path, mode);
  if (seconds !== undefined) setTime(file, seconds);
  file.syncSync();
}

/** What a new file has beside its contents. */
interface NewFile {
  readonly mode?: number | undefined;
  /** Whose it is to be, where that is allowed. */
  readonly owner?: Owner | undefined;
  /** When it was changed, in seconds since 1970. */
  readonly seconds?: number;
}

/** A user and a group. */
interface Owner {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** Gives the file to `owner`: only the superuser can, and only then it matters. */
function setOwner(path: string, owner: Owner | undefined): void {
  if (owner?.uid === undefined || owner.gid === undefined) return;
  const { uid, gid } = Deno.lstatSync(path);
  if (uid === owner.uid && gid === owner.gid) return;
  try {
    Deno.chownSync(path, owner.uid, owner.gid);
  } catch { /* then it is whose who runs this */ }
}

/** A guest may have set a time that this file system cannot have; that is no reason to lose the file. */
function setTime(file: Deno.FsFile, seconds: number): void {
  try {
    file.utimeSync(seconds, seconds);
  } catch { /* it has the time of now */ }
}
