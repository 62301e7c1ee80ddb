import type { Directory } from "../../files/directory.ts";
import { existing } from "../../files/file_system.ts";
import { open as openPath } from "../../files/open.ts";
import type { RegularFile } from "../../files/regular_file.ts";
import { checkPath, resolve, type ResolvedPath } from "../../files/resolver.ts";
import { ERRNO, fail } from "../../host/errno.ts";
import type { Context } from "../context.ts";
import type { HostFunction } from "../../../component/host.ts";
import { type CaseOf, type FileResult, fileResult } from "./error_code.ts";
import {
  Descriptor,
  type DescriptorFlags,
  hashOf,
  type NewTimestamp,
  ROOT_FLAGS,
  statOf,
  timeOf,
} from "./descriptor.ts";

/** The flags `wasi:filesystem/types.path-flags`. */
interface PathFlags {
  readonly symlinkFollow: boolean;
}

/** The flags `wasi:filesystem/types.open-flags`. */
interface OpenFlags {
  readonly create: boolean;
  readonly directory: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
}

/** The functions of `wasi:filesystem/types` on a path. */
export function pathFunctions({ open }: Context, caseOf: CaseOf): Record<string, HostFunction> {
  return {
    "[method]descriptor.create-directory-at": (self: Descriptor, path: string): FileResult<void> =>
      fileResult(caseOf, () => void self.fileSystem.createDirectory(locate(self, path))),

    "[method]descriptor.stat-at": (
      self: Descriptor,
      flags: PathFlags,
      path: string,
    ): FileResult<ReturnType<typeof statOf>> =>
      fileResult(caseOf, () => statOf(existing(locate(self, path, flags.symlinkFollow)), caseOf)),

    "[method]descriptor.set-times-at": (
      self: Descriptor,
      flags: PathFlags,
      path: string,
      accessed: NewTimestamp,
      modified: NewTimestamp,
    ): FileResult<void> =>
      fileResult(
        caseOf,
        () => existing(locate(self, path, flags.symlinkFollow)).setTimes(timeOf(accessed), timeOf(modified)),
      ),

    "[method]descriptor.link-at": (
      self: Descriptor,
      flags: PathFlags,
      path: string,
      other: Descriptor,
      newPath: string,
    ): FileResult<void> =>
      fileResult(caseOf, () => {
        const from = locate(self, path, flags.symlinkFollow);
        const to = locate(other, newPath);
        sameDevice(self, other);
        self.fileSystem.link(from, to);
      }),

    "[method]descriptor.open-at": (
      self: Descriptor,
      flags: PathFlags,
      path: string,
      openFlags: OpenFlags,
      wanted: DescriptorFlags,
    ): FileResult<Descriptor> =>
      fileResult(caseOf, () => {
        const { fileSystem, device } = self;
        const { write } = wanted;
        open.checkFree(); // before a file is made
        const mode = { ...openFlags, follow: flags.symlinkFollow, write };
        const inode = openPath(fileSystem, self.directory, path, mode);
        const close = open.open(fileSystem, inode);
        return new Descriptor(inode, fileSystem, device, flagsOf(inode, openFlags, wanted), close);
      }),

    "[method]descriptor.readlink-at": (self: Descriptor, path: string): FileResult<string> =>
      fileResult(caseOf, () => {
        const inode = existing(locate(self, path));
        return inode.type === "link" ? inode.target : fail(ERRNO.INVAL);
      }),

    "[method]descriptor.remove-directory-at": (self: Descriptor, path: string): FileResult<void> =>
      fileResult(caseOf, () => self.fileSystem.removeDirectory(locate(self, path))),

    "[method]descriptor.rename-at": (
      self: Descriptor,
      path: string,
      other: Descriptor,
      newPath: string,
    ): FileResult<void> =>
      fileResult(caseOf, () => {
        const from = locate(self, path);
        const to = locate(other, newPath);
        sameDevice(self, other);
        self.fileSystem.rename(from, to);
      }),

    "[method]descriptor.symlink-at": (self: Descriptor, target: string, path: string): FileResult<void> =>
      fileResult(caseOf, () => {
        checkPath(target);
        self.fileSystem.createLink(locate(self, path), target);
      }),

    "[method]descriptor.unlink-file-at": (self: Descriptor, path: string): FileResult<void> =>
      fileResult(caseOf, () => self.fileSystem.unlink(locate(self, path))),

    "[method]descriptor.metadata-hash-at": (
      self: Descriptor,
      flags: PathFlags,
      path: string,
    ): FileResult<ReturnType<typeof hashOf>> =>
      fileResult(caseOf, () => hashOf(existing(locate(self, path, flags.symlinkFollow)), self.device)),
  };
}

/**
 * The flags of what was opened. As POSIX has no way to open a file for nothing, one is opened to read, and what makes a file
 * may write it. `mutate-directory` is kept as asked, and hinders nobody: C libraries open a directory without, and then make
 * files in it.
 */
function flagsOf(
  { type }: RegularFile | Directory,
  { create }: OpenFlags,
  wanted: DescriptorFlags,
): DescriptorFlags {
  const [read, write] = [wanted.read || !wanted.write, wanted.write || create];
  return type === "directory"
    ? { ...ROOT_FLAGS, mutateDirectory: wanted.mutateDirectory }
    : { ...wanted, read, write, mutateDirectory: false };
}

/** Looks up `path` from a directory, following a link at its end if `follow`. */
function locate({ directory }: Descriptor, path: string, follow = false): ResolvedPath {
  return resolve(directory, path, follow);
}

function sameDevice(one: Descriptor, other: Descriptor): void {
  if (one.fileSystem !== other.fileSystem) fail(ERRNO.XDEV);
}
