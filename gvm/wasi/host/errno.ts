/** The error codes that these WASI functions return (`typenames.witx`, `errno`). */
export const ERRNO = {
  /** No error. */
  SUCCESS: 0,
  /** The operation would have to wait. */
  AGAIN: 6,
  /** No such descriptor. */
  BADF: 8,
  /** Something already exists there. */
  EXIST: 20,
  /** A pointer with its length is outside the memory. */
  FAULT: 21,
  /** A string is not valid UTF-8. */
  ILSEQ: 25,
  /** An argument is invalid. */
  INVAL: 28,
  /** A directory, where something else is needed. */
  ISDIR: 31,
  /** Too many symbolic links, or one where none may be. */
  LOOP: 32,
  /** Too many open descriptors. */
  MFILE: 33,
  /** A name or a path is too long. */
  NAMETOOLONG: 37,
  /** No such file or directory. */
  NOENT: 44,
  /** The quota of the file system is used up. */
  NOSPC: 51,
  /** Not a directory, where one is needed. */
  NOTDIR: 54,
  /** The directory is not empty. */
  NOTEMPTY: 55,
  /** Not a socket. */
  NOTSOCK: 57,
  /** Not supported. */
  NOTSUP: 58,
  /** A number does not fit where it must go. */
  OVERFLOW: 61,
  /** Not permitted, whatever the rights. */
  PERM: 63,
  /** A stream has no offset. */
  SPIPE: 70,
  /** The two paths are in different file systems. */
  XDEV: 75,
  /** The descriptor lacks a right that the operation needs, or the path would leave its directory. */
  NOTCAPABLE: 76,
} as const;

/**
 * Ends a WASI function with an error code. All functions in this folder fail with it. It never leaves
 * {@linkcode Wasi}, and is not an `Error`, since programs probe for thousands of files and nobody reads the
 * stack.
 */
export class Failure {
  /** Fails with `errno`, one of {@linkcode ERRNO}. */
  constructor(readonly errno: number) {}
}

/** Fails with `errno`. */
export function fail(errno: number): never {
  throw new Failure(errno);
}
