/**
 * What may be done with a descriptor (`typenames.witx`, `rights`). The specification has a 64-bit set;
 * everything that it defines fits a small integer, which is used here.
 */
export const RIGHTS = {
  FD_DATASYNC: 1 << 0,
  FD_READ: 1 << 1,
  FD_SEEK: 1 << 2,
  FD_FDSTAT_SET_FLAGS: 1 << 3,
  FD_SYNC: 1 << 4,
  FD_TELL: 1 << 5,
  FD_WRITE: 1 << 6,
  FD_ADVISE: 1 << 7,
  FD_ALLOCATE: 1 << 8,
  PATH_CREATE_DIRECTORY: 1 << 9,
  PATH_CREATE_FILE: 1 << 10,
  PATH_LINK_SOURCE: 1 << 11,
  PATH_LINK_TARGET: 1 << 12,
  PATH_OPEN: 1 << 13,
  FD_READDIR: 1 << 14,
  PATH_READLINK: 1 << 15,
  PATH_RENAME_SOURCE: 1 << 16,
  PATH_RENAME_TARGET: 1 << 17,
  PATH_FILESTAT_GET: 1 << 18,
  PATH_FILESTAT_SET_SIZE: 1 << 19,
  PATH_FILESTAT_SET_TIMES: 1 << 20,
  FD_FILESTAT_GET: 1 << 21,
  FD_FILESTAT_SET_SIZE: 1 << 22,
  FD_FILESTAT_SET_TIMES: 1 << 23,
  PATH_SYMLINK: 1 << 24,
  PATH_REMOVE_DIRECTORY: 1 << 25,
  PATH_UNLINK_FILE: 1 << 26,
  POLL_FD_READWRITE: 1 << 27,
  SOCK_SHUTDOWN: 1 << 28,
  SOCK_ACCEPT: 1 << 29,
} as const;

/** Every right there is. */
export const ALL_RIGHTS = (1 << 30) - 1;

/** Rights that make sense for any descriptor. */
const COMMON_RIGHTS = RIGHTS.FD_FDSTAT_SET_FLAGS | RIGHTS.FD_SYNC | RIGHTS.FD_DATASYNC |
  RIGHTS.FD_FILESTAT_GET |
  RIGHTS.POLL_FD_READWRITE;

/** Rights that make sense for a file. */
export const FILE_RIGHTS = COMMON_RIGHTS | RIGHTS.FD_READ | RIGHTS.FD_WRITE | RIGHTS.FD_SEEK |
  RIGHTS.FD_TELL |
  RIGHTS.FD_ADVISE | RIGHTS.FD_ALLOCATE | RIGHTS.FD_FILESTAT_SET_SIZE | RIGHTS.FD_FILESTAT_SET_TIMES;

/** Rights that make sense for a directory. */
export const DIRECTORY_RIGHTS = COMMON_RIGHTS | RIGHTS.FD_READDIR | RIGHTS.FD_FILESTAT_SET_TIMES |
  RIGHTS.PATH_CREATE_DIRECTORY | RIGHTS.PATH_CREATE_FILE | RIGHTS.PATH_LINK_SOURCE | RIGHTS.PATH_LINK_TARGET |
  RIGHTS.PATH_OPEN | RIGHTS.PATH_READLINK | RIGHTS.PATH_RENAME_SOURCE | RIGHTS.PATH_RENAME_TARGET |
  RIGHTS.PATH_FILESTAT_GET | RIGHTS.PATH_FILESTAT_SET_SIZE | RIGHTS.PATH_FILESTAT_SET_TIMES |
  RIGHTS.PATH_SYMLINK |
  RIGHTS.PATH_REMOVE_DIRECTORY | RIGHTS.PATH_UNLINK_FILE;

/** Rights of standard input. Without seek and tell, C libraries take a character device for a terminal. */
export const INPUT_RIGHTS = COMMON_RIGHTS | RIGHTS.FD_READ;

/** Rights of standard output and standard error. */
export const OUTPUT_RIGHTS = COMMON_RIGHTS | RIGHTS.FD_WRITE;

/** The rights in a guest's 64-bit set. Meaningless bits are ignored: Go asks for all of the lower 32. */
export function rightsOf(set: bigint): number {
  return Number(BigInt.asUintN(32, set)) & ALL_RIGHTS;
}
