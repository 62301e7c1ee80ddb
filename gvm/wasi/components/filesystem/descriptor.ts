import type { Directory } from "../../files/directory.ts";
import type { FileSystem } from "../../files/file_system.ts";
import type { Inode } from "../../files/inode.ts";
import type { RegularFile } from "../../files/regular_file.ts";
import { realtime, timestamp } from "../../host/clock.ts";
import { ERRNO, fail } from "../../host/errno.ts";
import { type Datetime, fromDatetime, toDatetime } from "../datetime.ts";
import type { CaseOf } from "./error_code.ts";

/** The flags `wasi:filesystem/types.descriptor-flags`. */
export interface DescriptorFlags {
  readonly read: boolean;
  readonly write: boolean;
  readonly fileIntegritySync: boolean;
  readonly dataIntegritySync: boolean;
  readonly requestedWriteSync: boolean;
  readonly mutateDirectory: boolean;
}

/** The flags of a directory that the guest has from the start. */
export const ROOT_FLAGS: DescriptorFlags = {
  read: true,
  write: false,
  fileIntegritySync: false,
  dataIntegritySync: false,
  requestedWriteSync: false,
  mutateDirectory: true,
};

/** The resource `wasi:filesystem/types.descriptor`: an open file or directory. */
export class Descriptor {
  /**
   * Of `inode` in `fileSystem`, which is the guest's `device`-th. `close` is called when it is dropped.
   */
  constructor(
    readonly inode: RegularFile | Directory,
    readonly fileSystem: FileSystem,
    readonly device: number,
    readonly flags: DescriptorFlags,
    readonly close: () => void,
  ) {}

  /** The directory. Fails with `NOTDIR` for a file. */
  get directory(): Directory {
    return this.inode.type === "directory" ? this.inode : fail(ERRNO.NOTDIR);
  }

  /** The file. Fails with `ISDIR` for a directory. */
  get file(): RegularFile {
    return this.inode.type === "file" ? this.inode : fail(ERRNO.ISDIR);
  }

  /** The file, to read. Fails with `BADF` if it was not opened for that. */
  get readable(): RegularFile {
    return this.file && this.flags.read ? this.file : fail(ERRNO.BADF);
  }

  /** The file, to write. Fails with `BADF` if it was not opened for that. */
  get writable(): RegularFile {
    return this.file && this.flags.write ? this.file : fail(ERRNO.BADF);
  }
}

const DESCRIPTOR_TYPE = {
  file: "regular-file",
  directory: "directory",
  link: "symbolic-link",
} as const satisfies Record<Inode["type"], string>;

/** The `descriptor-type` of an inode. */
export function typeOf({ type }: Inode, caseOf: CaseOf): unknown {
  return caseOf(DESCRIPTOR_TYPE[type]);
}

/** The record `descriptor-stat` of an inode. */
export function statOf(inode: Inode, caseOf: CaseOf) {
  return {
    type: typeOf(inode, caseOf),
    linkCount: BigInt(inode.links),
    size: BigInt(inode.size),
    dataAccessTimestamp: toDatetime(timestamp(inode.accessedAt)),
    dataModificationTimestamp: toDatetime(timestamp(inode.modifiedAt)),
    statusChangeTimestamp: toDatetime(timestamp(inode.changedAt)),
  };
}

/** The record `metadata-hash-value` of an inode: in the first half its number, as preview 1 has it. */
export function hashOf(inode: Inode, device: number): { lower: bigint; upper: bigint } {
  return { lower: inode.number, upper: BigInt(device) };
}

/** The variant `new-timestamp`. */
export type NewTimestamp =
  | { readonly tag: "no-change" }
  | { readonly tag: "now" }
  | { readonly tag: "timestamp"; readonly val: Datetime };

/** The time that `wanted` stands for; none for no change. Fails with `INVAL` for one that preview 1 could not tell. */
export function timeOf(wanted: NewTimestamp): bigint | undefined {
  if (wanted.tag !== "timestamp") return wanted.tag === "now" ? realtime() : undefined;
  const time = fromDatetime(wanted.val);
  if (wanted.val.nanoseconds >= 1e9 || time < 0n || time >= 2n ** 64n) fail(ERRNO.INVAL);
  return time;
}
