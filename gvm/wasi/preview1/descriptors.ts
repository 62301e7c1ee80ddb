import { ERRNO, fail } from "../host/errno.ts";
import type { Directory } from "../files/directory.ts";
import type { FileSystem } from "../files/file_system.ts";
import type { RegularFile } from "../files/regular_file.ts";
import type { InputSource, OutputSink } from "../host/streams.ts";

/** Most descriptors open at once in one guest: the default of Unix systems. */
export const MAX_DESCRIPTORS = 1024;

/** What all kinds of descriptor have. */
interface DescriptorBase {
  /** What may be done with it: a set of `RIGHTS`. */
  rights: number;
  /** What may be done with descriptors opened through it: a set of `RIGHTS`. */
  inheriting: number;
  /** Its state: a set of `FD_FLAGS`. */
  flags: number;
}

/** An open file. */
export interface OpenFile extends DescriptorBase {
  /** Tells the kinds of descriptor apart. */
  readonly kind: "file";
  /** The file. */
  readonly inode: RegularFile;
  /** Where it is, and the number of that among the guest's file systems. */
  readonly fileSystem: FileSystem;
  readonly device: number;
  /** Where the next `fd_read` or `fd_write` begins. */
  offset: number;
}

/** An open directory. */
export interface OpenDirectory extends DescriptorBase {
  /** Tells the kinds of descriptor apart. */
  readonly kind: "directory";
  /** The directory. */
  readonly inode: Directory;
  /** Where it is, and the number of that among the guest's file systems. */
  readonly fileSystem: FileSystem;
  readonly device: number;
  /** The guest's name for it, in UTF-8, when it was open from the start. */
  readonly preopenName?: Uint8Array;
}

/** Standard input. */
export interface OpenInput extends DescriptorBase {
  /** Tells the kinds of descriptor apart. */
  readonly kind: "input";
  /** Where it comes from. */
  readonly stream: InputSource;
}

/** Standard output or standard error. */
export interface OpenOutput extends DescriptorBase {
  /** Tells the kinds of descriptor apart. */
  readonly kind: "output";
  /** Where it goes. */
  readonly stream: OutputSink;
}

/** What a descriptor stands for. */
export type Descriptor = OpenFile | OpenDirectory | OpenInput | OpenOutput;

/** The open descriptors of a guest by their numbers. */
export class DescriptorTable {
  readonly #open: (Descriptor | undefined)[] = [];

  /** The descriptor numbered `fd`. Fails with `BADF` if there is none. */
  get(fd: number): Descriptor {
    return this.#open[fd] ?? fail(ERRNO.BADF);
  }

  /** The descriptor numbered `fd`. Fails with `NOTCAPABLE` unless it has all of `rights`. */
  require(fd: number, rights: number): Descriptor {
    const descriptor = this.get(fd);
    if ((descriptor.rights & rights) !== rights) fail(ERRNO.NOTCAPABLE);
    return descriptor;
  }

  /**
   * The open file numbered `fd`. Fails with `ISDIR` or `SPIPE` for another kind, otherwise as {@linkcode
   * require} does.
   */
  file(fd: number, rights: number): OpenFile {
    const descriptor = this.get(fd);
    if (descriptor.kind === "directory") fail(ERRNO.ISDIR);
    if (descriptor.kind !== "file") fail(ERRNO.SPIPE);
    this.require(fd, rights);
    return descriptor;
  }

  /**
   * The open directory numbered `fd`. Fails with `NOTDIR` for another kind, otherwise as {@linkcode require}
   * does.
   */
  directory(fd: number, rights: number): OpenDirectory {
    const descriptor = this.get(fd);
    if (descriptor.kind !== "directory") fail(ERRNO.NOTDIR);
    this.require(fd, rights);
    return descriptor;
  }

  /** Fails with `MFILE` if no more descriptors can be opened. */
  checkFree(): void {
    if (this.#lowestFree() >= MAX_DESCRIPTORS) fail(ERRNO.MFILE);
  }

  /** Gives `descriptor` the lowest free number, as POSIX requires. Call {@linkcode checkFree} first. */
  open(descriptor: Descriptor): number {
    const fd = this.#lowestFree();
    this.#open[fd] = descriptor;
    if ("inode" in descriptor) descriptor.inode.opens++;
    return fd;
  }

  /** Closes a descriptor. */
  close(fd: number): void {
    const descriptor = this.get(fd);
    this.#open[fd] = undefined;
    if (!("inode" in descriptor)) return;
    descriptor.inode.opens--;
    descriptor.fileSystem.release(descriptor.inode);
  }

  /** Closes all descriptors. */
  closeAll(): void {
    for (const [fd, descriptor] of this.#open.entries()) if (descriptor !== undefined) this.close(fd);
  }

  /** Gives the descriptor `from` the number `to`, closing the descriptor that has it. */
  renumber(from: number, to: number): void {
    const descriptor = this.get(from);
    this.get(to);
    if (from === to) return;
    this.close(to);
    this.#open[to] = descriptor;
    this.#open[from] = undefined;
  }

  #lowestFree(): number {
    const free = this.#open.indexOf(undefined);
    return free === -1 ? this.#open.length : free;
  }
}
