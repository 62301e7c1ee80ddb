/** What the files of a guest may take of the memory they are in. */
export interface FileSystemLimits {
  /** Contents of files and targets of symbolic links together, in bytes. Buffers grow geometrically, so up to twice that is held. */
  readonly bytes: number;
  /** Files, directories, symbolic links and further hard links, each an entry of some directory. */
  readonly inodes: number;
}

/** The limits of a file system whose maker chose none. */
export const DEFAULT_FILE_SYSTEM_LIMITS: FileSystemLimits = {
  bytes: 1 << 28, // 256 MiB: the largest interpreters bring 100 MiB of library
  inodes: 1 << 16, // some 20 MB of bookkeeping at most
};

/** Descriptors open at once in one guest: what Unix systems allow by default. */
export const MAX_DESCRIPTORS = 1024;

/** Buffers that one call may read to or write from: `IOV_MAX` of Unix systems. */
export const MAX_BUFFERS = 1024;

/**
 * Bytes that a standard stream is given at a time, out of the guest's memory as it is: a call writes as much as it likes,
 * and no more than that is held for it, however often its buffers name the same bytes.
 */
export const MAX_PIECE = 1 << 16;

/** Subscriptions that one `poll_oneoff` may have: as many as there are descriptors, and some clocks. */
export const MAX_SUBSCRIPTIONS = 2048;

/** Bytes of a path, and of what a symbolic link says: `PATH_MAX` of Linux. */
export const MAX_PATH = 4096;

/** Bytes of one name in a path: `NAME_MAX` of Unix systems. */
export const MAX_NAME = 255;

/** Symbolic links that are followed in one path: what Linux does before it speaks of a loop. */
export const MAX_LINKS = 40;
