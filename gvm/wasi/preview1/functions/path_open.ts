import { checkFlags, type Context, type Functions } from "../context.ts";
import type { Descriptor, OpenDirectory } from "../descriptors.ts";
import { ERRNO, fail } from "../../host/errno.ts";
import { open } from "../../files/open.ts";
import { ALL_FD_FLAGS, ALL_LOOKUP_FLAGS, ALL_OPEN_FLAGS, LOOKUP_FLAGS, OPEN_FLAGS } from "../flags.ts";
import { DIRECTORY_RIGHTS, FILE_RIGHTS, RIGHTS, rightsOf } from "../rights.ts";

/** The requested properties of a new descriptor. */
interface Wanted {
  readonly openFlags: number;
  readonly rights: number;
  readonly inheriting: number;
  readonly flags: number;
}

/** The function of `wasi_snapshot_preview1.witx` that opens a path. */
export function pathOpenFunctions({ memory, descriptors }: Context): Functions {
  return {
    /**
     * `path_open`: opens what is at a path, or with `creat` makes a file there. The requested rights must be
     * among those that `fd` passes on; the descriptor gets those that make sense for its kind.
     */
    path_open(
      fd: number,
      lookup: number,
      path: number,
      length: number,
      openFlags: number,
      rights: bigint,
      inheriting: bigint,
      flags: number,
      result: number,
    ): void {
      const from = descriptors.directory(fd, RIGHTS.PATH_OPEN | rightsFor(openFlags));
      checkFlags(lookup, ALL_LOOKUP_FLAGS);
      checkFlags(openFlags, ALL_OPEN_FLAGS);
      checkFlags(flags, ALL_FD_FLAGS);
      const wanted: Wanted = { openFlags, rights: rightsOf(rights), inheriting: rightsOf(inheriting), flags };
      if (((wanted.rights | wanted.inheriting) & ~from.inheriting) !== 0) fail(ERRNO.NOTCAPABLE);
      descriptors.checkFree();
      memory.check(result, 4);
      const opened = openWanted(from, memory.path(path, length), lookup, wanted);
      memory.setUint32(result, descriptors.open(opened));
    },
  };
}

/** The rights that `fd` itself must have for what the flags do. */
function rightsFor(openFlags: number): number {
  return ((openFlags & OPEN_FLAGS.CREAT) !== 0 ? RIGHTS.PATH_CREATE_FILE : 0) |
    ((openFlags & OPEN_FLAGS.TRUNC) !== 0 ? RIGHTS.PATH_FILESTAT_SET_SIZE : 0);
}

function openWanted(
  { inode: start, fileSystem, device }: OpenDirectory,
  path: string,
  lookup: number,
  { openFlags, rights, inheriting, flags }: Wanted,
): Descriptor {
  const inode = open(fileSystem, start, path, {
    follow: (lookup & LOOKUP_FLAGS.SYMLINK_FOLLOW) !== 0,
    create: (openFlags & OPEN_FLAGS.CREAT) !== 0,
    exclusive: (openFlags & OPEN_FLAGS.EXCL) !== 0,
    directory: (openFlags & OPEN_FLAGS.DIRECTORY) !== 0,
    truncate: (openFlags & OPEN_FLAGS.TRUNC) !== 0,
    write: (rights & RIGHTS.FD_WRITE) !== 0,
  });
  const common = { fileSystem, device, flags };
  return inode.type === "directory"
    ? { ...common, kind: "directory", inode, rights: rights & DIRECTORY_RIGHTS, inheriting }
    : { ...common, kind: "file", inode, rights: rights & FILE_RIGHTS, inheriting: 0, offset: 0 };
}
