import { ERRNO, fail } from "../host/errno.ts";
import type { Directory } from "./directory.ts";
import type { FileSystem } from "./file_system.ts";
import type { RegularFile } from "./regular_file.ts";
import { resolve } from "./resolver.ts";

/** How a path is opened, as in POSIX. */
interface OpenMode {
  /** Follows a link at the end of the path. */
  readonly follow: boolean;
  /** Makes a file if there is none. */
  readonly create: boolean;
  /** With `create`, fails if there is anything. */
  readonly exclusive: boolean;
  /** Fails for what is not a directory. */
  readonly directory: boolean;
  /** Empties the file. */
  readonly truncate: boolean;
  /** To write, which a directory cannot be opened for. */
  readonly write: boolean;
}

/** Opens, and perhaps makes, what is at `path` from the directory `start` of `fileSystem`. */
export function open(
  fileSystem: FileSystem,
  start: Directory,
  path: string,
  mode: OpenMode,
): RegularFile | Directory {
  const isNew = mode.create && mode.exclusive;
  const resolved = resolve(start, path, mode.follow && !isNew);
  if (isNew && resolved.inode !== undefined) fail(ERRNO.EXIST);
  if (mode.create && mode.directory) fail(ERRNO.INVAL);
  const inode = resolved.inode ?? (mode.create ? fileSystem.createFile(resolved) : fail(ERRNO.NOENT));
  if (inode.type === "directory") {
    if (mode.create || mode.truncate || mode.write) fail(ERRNO.ISDIR);
    return inode;
  }
  if (mode.directory) fail(ERRNO.NOTDIR);
  if (inode.type === "link") fail(ERRNO.LOOP);
  if (mode.truncate) inode.resize(0);
  return inode;
}
