import { ERRNO, fail } from "../host/errno.ts";
import { Directory } from "./directory.ts";
import type { Inode } from "./inode.ts";
import { Quota } from "./quota.ts";
import { RegularFile } from "./regular_file.ts";
import type { ResolvedPath } from "./resolver.ts";
import { SymbolicLink } from "./symbolic_link.ts";

/**
 * A tree of directories, files and symbolic links in memory, bounded by a quota. Its operations are the POSIX
 * ones of the same names, on resolved paths; they fail with an error code and then change nothing.
 */
export class FileSystem {
  /** The directory at the top. */
  readonly root: Directory;
  readonly #quota: Quota;
  #lastNumber = 0n;

  /** An empty file system, bounded by `quota`, which several may share. */
  constructor(quota: Quota = new Quota()) {
    this.#quota = quota;
    this.root = new Directory(this.#nextNumber());
    this.root.parent = this.root;
    this.root.links = 1;
  }

  /** Makes an empty file. */
  createFile(resolved: ResolvedPath): RegularFile {
    this.#checkFree(resolved);
    if (resolved.isDirectory) fail(ERRNO.ISDIR);
    return this.#add(resolved, new RegularFile(this.#nextNumber(), this.#quota));
  }

  /** Makes an empty directory. */
  createDirectory(resolved: ResolvedPath): Directory {
    this.#checkFree(resolved);
    const directory = this.#add(resolved, new Directory(this.#nextNumber()));
    directory.parent = resolved.parent;
    return directory;
  }

  /** Makes a symbolic link to `target`. */
  createLink(resolved: ResolvedPath, target: string): SymbolicLink {
    this.#checkFree(resolved);
    if (resolved.isDirectory) fail(ERRNO.NOENT);
    return this.#add(resolved, new SymbolicLink(this.#nextNumber(), target, this.#quota));
  }

  /** Makes another entry for what is at `from`, which must not be a directory. */
  link(from: ResolvedPath, to: ResolvedPath): void {
    const inode = existing(from);
    if (inode.type === "directory") fail(ERRNO.PERM);
    this.#checkFree(to);
    if (to.isDirectory) fail(ERRNO.NOENT);
    this.#add(to, inode);
    inode.changedAt = to.parent.changedAt;
  }

  /** Removes an entry that is not a directory. */
  unlink(resolved: ResolvedPath): void {
    const inode = existing(resolved);
    if (inode.type === "directory") fail(ERRNO.ISDIR);
    this.#remove(resolved.parent, resolved.name, inode);
  }

  /** Removes an empty directory. */
  removeDirectory(resolved: ResolvedPath): void {
    const inode = existing(resolved);
    if (inode.type !== "directory") fail(ERRNO.NOTDIR);
    // A path that ends in `.` or `..` does not name an entry that could be removed.
    if (resolved.name === ".") fail(ERRNO.INVAL);
    if (!inode.isEmpty) fail(ERRNO.NOTEMPTY);
    this.#remove(resolved.parent, resolved.name, inode);
  }

  /** Moves what is at `from` to `to`, replacing what may be there. */
  rename(from: ResolvedPath, to: ResolvedPath): void {
    const inode = existing(from);
    if (from.name === "." || to.name === ".") fail(ERRNO.INVAL);
    if (to.inode === inode) return;
    if (to.parent.parent === undefined) fail(ERRNO.NOENT);
    if (inode.type === "directory") {
      if (isWithin(to.parent, inode)) fail(ERRNO.INVAL);
      if (to.inode !== undefined && to.inode.type !== "directory") fail(ERRNO.NOTDIR);
      if (to.inode?.isEmpty === false) fail(ERRNO.NOTEMPTY);
      inode.parent = to.parent;
    } else {
      if (to.inode?.type === "directory") fail(ERRNO.ISDIR);
      if (to.isDirectory) fail(ERRNO.NOTDIR);
    }
    if (to.inode !== undefined) this.#remove(to.parent, to.name, to.inode);
    from.parent.remove(from.name);
    to.parent.add(to.name, inode);
    inode.changedAt = to.parent.changedAt;
  }

  /** Frees what an inode holds when nothing refers to it any more. Call this when a descriptor is closed. */
  release(inode: Inode): void {
    if (inode.links === 0 && inode.opens === 0) inode.dispose();
  }

  /** Fails unless an entry can be added at `resolved`. */
  #checkFree(resolved: ResolvedPath): void {
    if (resolved.inode !== undefined) fail(ERRNO.EXIST);
    // A directory that was removed while open takes no more entries.
    if (resolved.parent.parent === undefined) fail(ERRNO.NOENT);
    if (this.#quota.inodes === 0) fail(ERRNO.NOSPC);
  }

  #add<T extends Inode>(resolved: ResolvedPath, inode: T): T {
    this.#quota.takeInode();
    resolved.parent.add(resolved.name, inode);
    inode.links++;
    return inode;
  }

  #remove(parent: Directory, name: string, inode: Inode): void {
    parent.remove(name);
    this.#quota.giveInode();
    inode.links--;
    inode.changedAt = parent.changedAt;
    if (inode.type === "directory") inode.parent = undefined;
    this.release(inode);
  }

  #nextNumber(): bigint {
    return ++this.#lastNumber;
  }
}

/** What is at `resolved`. */
export function existing(resolved: ResolvedPath): Inode {
  return resolved.inode ?? fail(ERRNO.NOENT);
}

/** True when `directory` is `ancestor` or below it. */
function isWithin(directory: Directory, ancestor: Directory): boolean {
  for (let at = directory;; at = at.parent) {
    if (at === ancestor) return true;
    if (at.parent === undefined || at.parent === at) return false;
  }
}
