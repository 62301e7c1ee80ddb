import { ERRNO, fail } from "../host/errno.ts";
import type { Directory } from "./directory.ts";
import type { Inode } from "./inode.ts";

/** Most bytes of a path, and of a symbolic link's target: Linux's `PATH_MAX`. */
export const MAX_PATH = 4096;

/** Most bytes of one name in a path: `NAME_MAX` on Unix systems. */
const MAX_NAME = 255;

/** Most symbolic links followed in one path: as many as Linux follows before it reports a loop. */
export const MAX_LINKS = 40;

/** Where a path leads: a directory entry, which may or may not exist. */
export interface ResolvedPath {
  /** The directory that has, or would have, the entry. */
  readonly parent: Directory;
  /** The entry's name; `.` when the path ends in `.` or `..`, and so names `parent` itself. */
  readonly name: string;
  /** The inode there, if any. */
  readonly inode: Inode | undefined;
  /** True if the path ends in a slash, so that only a directory will do. */
  readonly isDirectory: boolean;
}

const encoder = new TextEncoder();

/**
 * Looks up `path` from `start`: the only way in which a guest's path becomes an inode. It never goes above
 * `start`: an absolute path, an absolute link, and a `..` at `start` itself fail with `NOTCAPABLE`, whatever
 * links led there. A link at the end is followed if `followLast`, or if a slash follows it; other links
 * always are.
 *
 * Fails with `NOENT` or `NOTDIR` when something before the end is missing or not a directory, `LOOP` for too
 * many links, `NAMETOOLONG`, and `INVAL` for a zero byte.
 */
export function resolve(start: Directory, path: string, followLast: boolean): ResolvedPath {
  checkPath(path);
  /**
   * The directories between `start` and `current`, so that `..` leads back the way we came and no further.
   */
  const above: Directory[] = [];
  let current = start;
  let isDirectory = path.endsWith("/");
  let links = 0;
  const names = split(path);
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    if (name === ".") continue;
    if (name === "..") {
      current = above.pop() ?? fail(ERRNO.NOTCAPABLE);
      continue;
    }
    if (isLonger(name, MAX_NAME)) fail(ERRNO.NAMETOOLONG);
    const inode = current.get(name);
    const isLast = names.length === 0;
    if (inode?.type === "link" && (!isLast || isDirectory || followLast)) {
      if (++links > MAX_LINKS) fail(ERRNO.LOOP);
      checkPath(inode.target);
      if (isLast) isDirectory ||= inode.target.endsWith("/");
      names.push(...split(inode.target));
      continue;
    }
    if (isLast) {
      if (isDirectory && inode !== undefined && inode.type !== "directory") fail(ERRNO.NOTDIR);
      return { parent: current, name, inode, isDirectory };
    }
    if (inode === undefined) fail(ERRNO.NOENT);
    if (inode.type !== "directory") fail(ERRNO.NOTDIR);
    above.push(current);
    current = inode;
  }
  return { parent: current, name: ".", inode: current, isDirectory: true };
}

/** Fails unless `path` can be looked up at all. */
export function checkPath(path: string): void {
  if (path === "") fail(ERRNO.NOENT);
  if (isLonger(path, MAX_PATH)) fail(ERRNO.NAMETOOLONG);
  if (path.includes("\0")) fail(ERRNO.INVAL);
  if (path.startsWith("/")) fail(ERRNO.NOTCAPABLE);
}

/** The names of a path, the first one last. */
function split(path: string): string[] {
  return path.split("/").filter((name) => name !== "").reverse();
}

/** True if `text` has more than `limit` bytes in UTF-8, in which a UTF-16 unit takes one to three. */
export function isLonger(text: string, limit: number): boolean {
  return text.length > limit || text.length * 3 > limit && encoder.encode(text).length > limit;
}
