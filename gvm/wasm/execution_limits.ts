import { GhostError } from "../../gmp/errors.ts";

/** What a call may use; fixed when its instance is made. */
export interface ExecutionLimits {
  /** Wall time of one call, in milliseconds, waiting included. */
  readonly time: number;
  /** Linear memory of one instance, all its memories together, in bytes; what V8 keeps beside it does not count. */
  readonly memory: number;
  /** Elements of all tables of an instance together. */
  readonly tableElements: number;
  /** Bytes that one call may write to its standard output and standard error together. */
  readonly output: number;
  /** Bytes that the files of one run may hold together; see `FileSystemLimits`. */
  readonly files: number;
}

/** The limits of a node whose user chose none. */
export const DEFAULT_LIMITS: ExecutionLimits = {
  time: 30_000, // long enough for real work at a prompt, short enough to notice a loop
  memory: 1 << 29, // 512 MiB: an interpreter with room, and several fit on a small machine
  tableElements: 1_000_000, // V8 takes 8 MB for it; compiled programs need a few thousand
  output: 1 << 24, // 16 MiB: the caller holds what it has not read yet
  files: 1 << 28, // 256 MiB in memory
};

/** The least value of each limit: a memory has whole pages of WebAssembly. */
export const LEAST_LIMITS: ExecutionLimits = {
  time: 1,
  memory: 1 << 16,
  tableElements: 1,
  output: 1,
  files: 1,
};

/** The greatest value of each limit. */
export const GREATEST_LIMITS: ExecutionLimits = {
  time: 2 ** 31 - 1, // what a timer of JavaScript can wait, 24 days
  memory: 2 ** 34, // 16 GiB: V8 takes no larger 64-bit memory
  tableElements: 10_000_000, // V8's own
  output: 2 ** 40,
  files: 2 ** 34,
};

/**
 * `limits` with the defaults for what is left out.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` for a limit that is not a whole number from the least to the greatest.
 */
export function checkLimits(limits: Partial<ExecutionLimits> = {}): ExecutionLimits {
  const checked: Record<string, number> = {};
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof ExecutionLimits)[]) {
    const value = limits[name] ?? DEFAULT_LIMITS[name];
    const [least, greatest] = [LEAST_LIMITS[name], GREATEST_LIMITS[name]];
    if (!Number.isInteger(value) || value < least || value > greatest) {
      throw new GhostError(
        "BAD_ARGUMENTS",
        `Cannot use ${value} as the limit of ${name}: it is not a whole number from ${least} to ${greatest}`,
      );
    }
    checked[name] = value;
  }
  return checked as unknown as ExecutionLimits;
}

/** The error of a call that outlived its time. */
export function timeLimit(limits: ExecutionLimits): GhostError {
  return new GhostError("TIME_LIMIT", `The call ran longer than its time limit of ${limits.time} ms`);
}
