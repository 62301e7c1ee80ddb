import { checkFlags, type Context, type Functions } from "../context.ts";
import type { OpenDirectory } from "../descriptors.ts";
import { ERRNO, fail } from "../../host/errno.ts";
import { existing } from "../../files/file_system.ts";
import { checkPath, resolve, type ResolvedPath } from "../../files/resolver.ts";
import { ALL_LOOKUP_FLAGS, LOOKUP_FLAGS } from "../flags.ts";
import { RIGHTS } from "../rights.ts";
import { setTimes, writeFilestat } from "./filestat.ts";

/** A resolved path, and the descriptor that it starts from. */
interface Located {
  readonly from: OpenDirectory;
  readonly resolved: ResolvedPath;
}

/** The group `path_` of `wasi_snapshot_preview1.witx`, except `path_open`. */
export function pathFunctions({ memory, descriptors }: Context): Functions {
  /**
   * Looks up a guest's path from `fd`, which must have `rights`. Follows a link at its end if `lookup` says
   * so.
   */
  function locate(fd: number, rights: number, lookup: number, path: number, length: number): Located {
    const from = descriptors.directory(fd, rights);
    checkFlags(lookup, ALL_LOOKUP_FLAGS);
    const resolved = resolve(
      from.inode,
      memory.path(path, length),
      (lookup & LOOKUP_FLAGS.SYMLINK_FOLLOW) !== 0,
    );
    return { from, resolved };
  }

  return {
    /** `path_create_directory`. */
    path_create_directory(fd: number, path: number, length: number): void {
      const { from, resolved } = locate(fd, RIGHTS.PATH_CREATE_DIRECTORY, 0, path, length);
      from.fileSystem.createDirectory(resolved);
    },

    /** `path_filestat_get`: what is at a path. */
    path_filestat_get(fd: number, lookup: number, path: number, length: number, result: number): void {
      const { from, resolved } = locate(fd, RIGHTS.PATH_FILESTAT_GET, lookup, path, length);
      writeFilestat(memory, result, from.device, existing(resolved));
    },

    /** `path_filestat_set_times`: sets the times of what is at a path. */
    path_filestat_set_times(
      fd: number,
      lookup: number,
      path: number,
      length: number,
      accessedAt: bigint,
      modifiedAt: bigint,
      flags: number,
    ): void {
      const { resolved } = locate(fd, RIGHTS.PATH_FILESTAT_SET_TIMES, lookup, path, length);
      setTimes(existing(resolved), accessedAt, modifiedAt, flags);
    },

    /** `path_link`: makes a hard link at the new path to what is at the old one. */
    path_link(
      oldFd: number,
      lookup: number,
      oldPath: number,
      oldLength: number,
      newFd: number,
      newPath: number,
      newLength: number,
    ): void {
      const old = locate(oldFd, RIGHTS.PATH_LINK_SOURCE, lookup, oldPath, oldLength);
      const { from, resolved } = locate(newFd, RIGHTS.PATH_LINK_TARGET, 0, newPath, newLength);
      if (old.from.fileSystem !== from.fileSystem) fail(ERRNO.XDEV);
      from.fileSystem.link(old.resolved, resolved);
    },

    /** `path_readlink`: the target of the symbolic link at a path, as much of it as fits the buffer. */
    path_readlink(
      fd: number,
      path: number,
      length: number,
      buffer: number,
      bufferLength: number,
      result: number,
    ): void {
      const inode = existing(locate(fd, RIGHTS.PATH_READLINK, 0, path, length).resolved);
      if (inode.type !== "link") fail(ERRNO.INVAL);
      const target = memory.bytes(buffer, bufferLength);
      memory.check(result, 4);
      const bytes = inode.bytes.subarray(0, bufferLength);
      target.set(bytes);
      memory.setUint32(result, bytes.length);
    },

    /** `path_remove_directory`: removes an empty directory. */
    path_remove_directory(fd: number, path: number, length: number): void {
      const { from, resolved } = locate(fd, RIGHTS.PATH_REMOVE_DIRECTORY, 0, path, length);
      from.fileSystem.removeDirectory(resolved);
    },

    /** `path_rename`: moves what is at the old path to the new one. */
    path_rename(
      oldFd: number,
      oldPath: number,
      oldLength: number,
      newFd: number,
      newPath: number,
      newLength: number,
    ): void {
      const old = locate(oldFd, RIGHTS.PATH_RENAME_SOURCE, 0, oldPath, oldLength);
      const { from, resolved } = locate(newFd, RIGHTS.PATH_RENAME_TARGET, 0, newPath, newLength);
      if (old.from.fileSystem !== from.fileSystem) fail(ERRNO.XDEV);
      from.fileSystem.rename(old.resolved, resolved);
    },

    /** `path_symlink`: makes a symbolic link at the new path to the old one, which must not be absolute. */
    path_symlink(oldPath: number, oldLength: number, fd: number, newPath: number, newLength: number): void {
      const target = memory.path(oldPath, oldLength);
      checkPath(target);
      const { from, resolved } = locate(fd, RIGHTS.PATH_SYMLINK, 0, newPath, newLength);
      from.fileSystem.createLink(resolved, target);
    },

    /** `path_unlink_file`: removes what is at a path, unless it is a directory. */
    path_unlink_file(fd: number, path: number, length: number): void {
      const { from, resolved } = locate(fd, RIGHTS.PATH_UNLINK_FILE, 0, path, length);
      from.fileSystem.unlink(resolved);
    },
  };
}
