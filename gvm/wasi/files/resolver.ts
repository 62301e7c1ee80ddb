import { ERRNO, fail } from "../host/errno.ts";
import type { Directory } from "./directory.ts";
import type { Inode } from "./inode.ts";

/** Bytes of a path, and of what a symbolic link says: `PATH_MAX` of Linux. */
export const MAX_PATH = 4096;

/** Bytes of one name in a path: `NAME_MAX` of Unix systems. */
const MAX_NAME = 255;

/** Symbolic links that are followed in one path: what Linux does before it speaks of a loop. */
export const MAX_LINKS = 40;

/** Where a path leads: an entry of a directory, there already or not. */
export interface ResolvedPath {
  /** The directory that has the entry, or would have it. */
  readonly parent: Directory;
  /** The entry's name; `.` when the path ends in `.` or `..`, and so names `parent` itself. */
  readonly name: string;
  /** What is there. */
  readonly inode: Inode | undefined;
  /** True when the path ends in a slash, so that only a directory will do. */
  readonly isDirectory: boolean;
}

const encoder = new TextEncoder();

/**
 * Looks `path` up from `start`: the only way by which a path of a guest becomes an inode. It never goes above `start`:
 * an absolute path, an absolute link, and a `..` at `start` itself fail with `NOTCAPABLE`, whatever links led there. A link
 * at the end is followed with `followLast`, or when a slash comes after it; those before the end always are.
 *
 * Fails with `NOENT` or `NOTDIR` when something before the end is missing or no directory, `LOOP` for too many links,
 * `NAMETOOLONG`, and `INVAL` for a zero byte.
 */
export function resolve(start: Directory, path: string, followLast: boolean): ResolvedPath {
  checkPath(path);
  /** The directories between `start` and `current`, so that `..` leads back the way that was taken and no further. */
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

/** Fails unless `path` is one that can be looked up at all. */
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

/** True when `text` has more than `limit` bytes in UTF-8, where a character of JavaScript takes up to three. */
export function isLonger(text: string, limit: number): boolean {
  return text.length * 3 > limit && encoder.encode(text).length > limit;
}
