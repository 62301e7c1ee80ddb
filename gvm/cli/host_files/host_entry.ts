/** What tells a file, a link or a directory from what stands in its place later, and from what it becomes when it is changed. */
export interface Identity {
  /** The file system. */
  readonly dev: number;
  /** Its number there. */
  readonly ino: number;
  /** Bytes, 0 for a directory: what is in it is no part of it. */
  readonly size: number;
  /** When it last changed, in milliseconds since 1970; 0 for a directory. */
  readonly modified: number;
}

/** Something in a directory of this machine. */
export interface HostEntry {
  /** What it is; a pipe, a socket or a device is something other. */
  readonly type: "file" | "directory" | "link" | "other";
  /** Which one it is. */
  readonly identity: Identity;
  /** Who may do what with it; unknown on Windows. */
  readonly mode: number | undefined;
  /** Whose it is. */
  readonly uid: number | undefined;
  /** Which group's it is. */
  readonly gid: number | undefined;
  /** What a link says, where that was read. */
  readonly target?: string;
}

/** What `info` tells of. */
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

/** What is at `path`, not following a link; `undefined` when nothing is. */
export function lookAt(path: string): HostEntry | undefined {
  try {
    return hostEntry(Deno.lstatSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** True when both are one thing, unchanged. */
export function isSame(a: Identity, b: Identity): boolean {
  return isSameInode(a, b) && a.size === b.size && a.modified === b.modified;
}

/** True when both are one thing, which may have been changed. */
export function isSameInode(a: Identity, b: Identity): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
