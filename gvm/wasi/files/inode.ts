import { realtime } from "../host/clock.ts";
import type { Directory } from "./directory.ts";
import type { RegularFile } from "./regular_file.ts";
import type { SymbolicLink } from "./symbolic_link.ts";

/** Anything that a directory entry can refer to. */
export type Inode = Directory | RegularFile | SymbolicLink;

/** What all kinds of inode have. Times are in nanoseconds since 1970. */
export abstract class InodeBase {
  /** Directory entries that refer to it. */
  links = 0;
  /** Open descriptors of it. */
  opens = 0;
  /** True once it differs from when its file system was loaded. */
  isModified = false;
  /** When it was last accessed; reading does not update this, as with `noatime`. */
  accessedAt: bigint;
  /** When its contents last changed. */
  modifiedAt: bigint;
  /** When anything about it last changed. */
  changedAt: bigint;

  /** An inode made now, with a number that is unique in its file system. */
  constructor(readonly number: bigint) {
    this.accessedAt = this.modifiedAt = this.changedAt = realtime();
  }

  /** Its size in bytes, 0 for a directory. */
  abstract get size(): number;

  /** Frees what it holds; called once, when no entry and no descriptor is left. */
  abstract dispose(): void;

  /** Notes that its contents change now. */
  modified(): void {
    this.modifiedAt = this.changedAt = realtime();
    this.isModified = true;
  }

  /** Sets the times that are given. */
  setTimes(accessedAt: bigint | undefined, modifiedAt: bigint | undefined): void {
    this.accessedAt = accessedAt ?? this.accessedAt;
    this.modifiedAt = modifiedAt ?? this.modifiedAt;
    this.changedAt = realtime();
    this.isModified = true;
  }
}
