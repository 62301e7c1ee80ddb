/**
 * Distinguishes a file, link or directory from whatever replaces it later, and from its own changed state.
 */
export interface Identity {
  /** The file system. */
  readonly dev: number;
  /** Its inode number there. */
  readonly ino: number;
  /** Size in bytes, 0 for a directory, whose contents do not count. */
  readonly size: number;
  /** Modification time, in milliseconds since 1970; 0 for a directory. */
  readonly modified: number;
}

/** An entry of a directory on this machine. */
export interface HostEntry {
  /** Its type; a pipe, a socket or a device is `other`. */
  readonly type: "file" | "directory" | "link" | "other";
  /** Its identity. */
  readonly identity: Identity;
  /** Its permissions; unknown on Windows. */
  readonly mode: number | undefined;
  /** Its owner. */
  readonly uid: number | undefined;
  /** Its group. */
  readonly gid: number | undefined;
  /** A link's target, if it was read. */
  readonly target?: string;
}

/** The entry that `info` describes. */
export function hostEntry(info: Deno.FileInfo): HostEntry {
  const { dev, ino, size, mtime, mode, uid, gid } = info;
  const isDirectory = info.isDirectory;
  return {
    type: info.isSymlink ? "link" : isDirectory ? "directory" : info.isFile ? "file" : "other",
    identity: {
      dev,
      ino: ino ?? 0,
      size: isDirectory ? 0 : size,
      modified: isDirectory ? 0 : mtime?.getTime() ?? 0,
    },
    mode: mode === null ? undefined : mode & 0o777,
    uid: uid ?? undefined,
    gid: gid ?? undefined,
  };
}

/** The entry at `path`, without following a link; `undefined` if there is none. */
export function lookAt(path: string): HostEntry | undefined {
  try {
    return hostEntry(Deno.lstatSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** True if both are the same thing, unchanged. */
export function isSame(a: Identity, b: Identity): boolean {
  return isSameInode(a, b) && a.size === b.size && a.modified === b.modified;
}

/** True if both are the same thing, perhaps changed. */
export function isSameInode(a: Identity, b: Identity): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
