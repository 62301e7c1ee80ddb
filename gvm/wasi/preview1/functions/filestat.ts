import { realtime, timestamp } from "../../host/clock.ts";
import { checkFlags } from "../context.ts";
import type { Descriptor } from "../descriptors.ts";
import { ERRNO, fail } from "../../host/errno.ts";
import type { Inode } from "../../files/inode.ts";
import { ALL_TIME_FLAGS, FILE_TYPE, TIME_FLAGS } from "../flags.ts";
import type { GuestMemory } from "../memory.ts";

/** Bytes of the structure `filestat`. */
export const FILESTAT_BYTES = 64;

/** The kind of file that an inode is. */
export const INODE_TYPE = {
  file: FILE_TYPE.REGULAR_FILE,
  directory: FILE_TYPE.DIRECTORY,
  link: FILE_TYPE.SYMBOLIC_LINK,
} as const satisfies Record<Inode["type"], number>;

/**
 * The kind of file that a descriptor refers to: a standard stream is a character device for a person,
 * otherwise a pipe, which WASI has no type for.
 */
export function fileTypeOf(descriptor: Descriptor): number {
  if ("inode" in descriptor) return INODE_TYPE[descriptor.inode.type];
  return descriptor.stream.isTerminal ? FILE_TYPE.CHARACTER_DEVICE : FILE_TYPE.UNKNOWN;
}

/** Writes the structure `filestat` of an inode of the file system that is the guest's `device`-th. */
export function writeFilestat(memory: GuestMemory, pointer: number, device: number, inode: Inode): void {
  const view = memory.structure(pointer, FILESTAT_BYTES);
  view.setBigUint64(0, BigInt(device), true);
  view.setBigUint64(8, inode.number, true);
  view.setUint8(16, INODE_TYPE[inode.type]);
  view.setBigUint64(24, BigInt(inode.links), true);
  view.setBigUint64(32, BigInt(inode.size), true);
  view.setBigUint64(40, timestamp(inode.accessedAt), true);
  view.setBigUint64(48, timestamp(inode.modifiedAt), true);
  view.setBigUint64(56, timestamp(inode.changedAt), true);
}

/**
 * Sets the times that `flags` name to those given, or to now. Fails with `INVAL` for both at once, and then
 * changes nothing.
 */
export function setTimes(inode: Inode, accessedAt: bigint, modifiedAt: bigint, flags: number): void {
  checkFlags(flags, ALL_TIME_FLAGS);
  const { ATIM, ATIM_NOW, MTIM, MTIM_NOW } = TIME_FLAGS;
  const now = realtime();
  const choose = (given: bigint, isGiven: number, isNow: number): bigint | undefined => {
    if ((flags & isGiven) !== 0 && (flags & isNow) !== 0) fail(ERRNO.INVAL);
    if ((flags & isGiven) !== 0) return given;
    return (flags & isNow) !== 0 ? now : undefined;
  };
  inode.setTimes(choose(accessedAt, ATIM, ATIM_NOW), choose(modifiedAt, MTIM, MTIM_NOW));
}
