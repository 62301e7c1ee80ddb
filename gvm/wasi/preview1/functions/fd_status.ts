import { checkFlags, type Context, type Functions } from "../context.ts";
import { ERRNO, fail } from "../../host/errno.ts";
import { ALL_FD_FLAGS, LAST_ADVICE } from "../flags.ts";
import { RIGHTS, rightsOf } from "../rights.ts";
import { toSafeInteger } from "../../files/offset.ts";
import { FILESTAT_BYTES, fileTypeOf, setTimes, writeFilestat } from "./filestat.ts";

/** Bytes of the structure `fdstat`. */
const FDSTAT_BYTES = 24;
/** Bytes of the structure `prestat`, and its tag for a directory, the only one there is. */
const PRESTAT_BYTES = 8;
const PRESTAT_DIRECTORY = 0;

/** The functions of `wasi_snapshot_preview1.witx` on a descriptor itself, or on all that it refers to. */
export function fdStatusFunctions({ memory, descriptors }: Context): Functions {
  function preopenName(fd: number): Uint8Array {
    const descriptor = descriptors.get(fd);
    // C libraries probe for directories from 3 on until they see exactly this code.
    return (descriptor.kind === "directory" ? descriptor.preopenName : undefined) ?? fail(ERRNO.BADF);
  }

  return {
    /** `fd_advise`: ignores advice, since everything is in memory. */
    fd_advise(fd: number, _offset: bigint, _length: bigint, advice: number): void {
      descriptors.file(fd, RIGHTS.FD_ADVISE);
      if (advice > LAST_ADVICE) fail(ERRNO.INVAL);
    },

    /** `fd_allocate`: makes a file long enough to write a part of it. */
    fd_allocate(fd: number, offset: bigint, length: bigint): void {
      const { inode } = descriptors.file(fd, RIGHTS.FD_ALLOCATE);
      if (length === 0n) fail(ERRNO.INVAL);
      inode.extend(toSafeInteger(offset + length));
    },

    /** `fd_close`. */
    fd_close(fd: number): void {
      descriptors.close(fd);
    },

    /** `fd_datasync`: nothing is ever out of sync. */
    fd_datasync(fd: number): void {
      descriptors.require(fd, RIGHTS.FD_DATASYNC);
    },

    /** `fd_fdstat_get`: kind, flags and rights of a descriptor. */
    fd_fdstat_get(fd: number, result: number): void {
      const descriptor = descriptors.get(fd);
      const view = memory.structure(result, FDSTAT_BYTES);
      view.setUint8(0, fileTypeOf(descriptor));
      view.setUint16(2, descriptor.flags, true);
      view.setUint32(8, descriptor.rights, true);
      view.setUint32(16, descriptor.inheriting, true);
    },

    /** `fd_fdstat_set_flags`: sets the flags of a descriptor. */
    fd_fdstat_set_flags(fd: number, flags: number): void {
      const descriptor = descriptors.require(fd, RIGHTS.FD_FDSTAT_SET_FLAGS);
      checkFlags(flags, ALL_FD_FLAGS);
      descriptor.flags = flags;
    },

    /** `fd_fdstat_set_rights`: gives rights up; none can be added. */
    fd_fdstat_set_rights(fd: number, rights: bigint, inheriting: bigint): void {
      const descriptor = descriptors.get(fd);
      const base = rightsOf(rights);
      const inherited = rightsOf(inheriting);
      if ((base & ~descriptor.rights) !== 0 || (inherited & ~descriptor.inheriting) !== 0) {
        fail(ERRNO.NOTCAPABLE);
      }
      descriptor.rights = base;
      descriptor.inheriting = inherited;
    },

    /**
     * `fd_filestat_get`: what the descriptor refers to. A standard stream only has a type and a link count.
     */
    fd_filestat_get(fd: number, result: number): void {
      const descriptor = descriptors.require(fd, RIGHTS.FD_FILESTAT_GET);
      if ("inode" in descriptor) return writeFilestat(memory, result, descriptor.device, descriptor.inode);
      const view = memory.structure(result, FILESTAT_BYTES);
      view.setUint8(16, fileTypeOf(descriptor));
      view.setBigUint64(24, 1n, true);
    },

    /** `fd_filestat_set_size`: truncates a file, or pads it with zeros. */
    fd_filestat_set_size(fd: number, size: bigint): void {
      descriptors.file(fd, RIGHTS.FD_FILESTAT_SET_SIZE).inode.resize(toSafeInteger(size));
    },

    /** `fd_filestat_set_times`: sets the times of a file or a directory. */
    fd_filestat_set_times(fd: number, accessedAt: bigint, modifiedAt: bigint, flags: number): void {
      const descriptor = descriptors.require(fd, RIGHTS.FD_FILESTAT_SET_TIMES);
      if ("inode" in descriptor) setTimes(descriptor.inode, accessedAt, modifiedAt, flags);
    },

    /** `fd_prestat_get`: that the descriptor is a directory open from the start, and how long its name is. */
    fd_prestat_get(fd: number, result: number): void {
      const name = preopenName(fd);
      const view = memory.structure(result, PRESTAT_BYTES);
      view.setUint8(0, PRESTAT_DIRECTORY);
      view.setUint32(4, name.length, true);
    },

    /** `fd_prestat_dir_name`: the name of a directory open from the start. */
    fd_prestat_dir_name(fd: number, path: number, length: number): void {
      const name = preopenName(fd);
      if (length < name.length) fail(ERRNO.NAMETOOLONG);
      memory.bytes(path, name.length).set(name);
    },

    /** `fd_renumber`: gives a descriptor the number of another, which is closed. */
    fd_renumber(from: number, to: number): void {
      descriptors.renumber(from, to);
    },

    /** `fd_sync`: nothing is ever out of sync. */
    fd_sync(fd: number): void {
      descriptors.require(fd, RIGHTS.FD_SYNC);
    },
  };
}
