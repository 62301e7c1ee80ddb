/** Kinds of file (`typenames.witx`, `filetype`). */
export const FILE_TYPE = {
  UNKNOWN: 0,
  CHARACTER_DEVICE: 2,
  DIRECTORY: 3,
  REGULAR_FILE: 4,
  SYMBOLIC_LINK: 7,
} as const;

/** State of a descriptor (`fdflags`). Memory is always in sync, so the sync flags are only stored. */
export const FD_FLAGS = { APPEND: 1, DSYNC: 2, NONBLOCK: 4, RSYNC: 8, SYNC: 16 } as const;
/** Every one of {@linkcode FD_FLAGS}. */
export const ALL_FD_FLAGS = 31;

/** How a path is looked up (`lookupflags`). */
export const LOOKUP_FLAGS = { SYMLINK_FOLLOW: 1 } as const;
/** Every one of {@linkcode LOOKUP_FLAGS}. */
export const ALL_LOOKUP_FLAGS = 1;

/** How a path is opened (`oflags`). */
export const OPEN_FLAGS = { CREAT: 1, DIRECTORY: 2, EXCL: 4, TRUNC: 8 } as const;
/** Every one of {@linkcode OPEN_FLAGS}. */
export const ALL_OPEN_FLAGS = 15;

/** Which times are set, and to what (`fstflags`). */
export const TIME_FLAGS = { ATIM: 1, ATIM_NOW: 2, MTIM: 4, MTIM_NOW: 8 } as const;
/** Every one of {@linkcode TIME_FLAGS}. */
export const ALL_TIME_FLAGS = 15;

/** What an offset is relative to (`whence`). */
export const WHENCE = { SET: 0, CUR: 1, END: 2 } as const;

/** Highest kind of advice on how a file will be used (`advice`); none makes a difference in memory. */
export const LAST_ADVICE = 5;

/** Clocks (`clockid`). */
export const CLOCK = { REALTIME: 0, MONOTONIC: 1, PROCESS_CPUTIME: 2, THREAD_CPUTIME: 3 } as const;

/** What a subscription waits for (`eventtype`). */
export const EVENT_TYPE = { CLOCK: 0, FD_READ: 1, FD_WRITE: 2 } as const;
/** The timeout of a clock subscription is a time, not a duration (`subclockflags`). */
export const ABSTIME = 1;
/** The other end of a stream has closed it (`eventrwflags`). */
export const HANGUP = 1;

/** Signals (`signal`) that a process ignores unless it handles them: none, `chld`, `cont`, `urg`, `winch`. */
export const IGNORED_SIGNALS: ReadonlySet<number> = new Set([0, 16, 17, 22, 27]);
/** Highest signal, `sys`. */
export const LAST_SIGNAL = 30;
