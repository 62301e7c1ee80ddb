import { MEMORY_RANGE, TIME_RANGE } from "../../gmp/call_limits.ts";
import { GhostError } from "../../gmp/errors.ts";

/** What a call may use; fixed when its instance is made. */
export interface ExecutionLimits {
  /** Wall time of one call, in milliseconds, waiting included. */
  readonly time: number;
  /** Linear memory of one session, with all its instances, and of all sessions of an executor, in bytes. */
  readonly memory: number;
  /** Initial elements of all tables of an instance, of a session's instances, and of an executor's. */
  readonly tableElements: number;
  /** Bytes that one call may write to its standard output and standard error together. */
  readonly output: number;
  /** Bytes that the files of one session, and of all sessions of an executor, may hold together. */
  readonly files: number;
  /**
   * Bytes of an executor's process besides memory and files: V8, its heap, its compiled code; see
   * `processCeiling`.
   */
  readonly engine: number;
}

/** The limits of a node whose user chose none. */
export const DEFAULT_LIMITS: ExecutionLimits = {
  time: 30_000, // long enough for real work at a prompt, short enough to notice a loop
  memory: 1 << 29, // 512 MiB: an interpreter fits with room to spare, and several on a small machine
  tableElements: 1_000_000, // 8 MB in V8; compiled programs need a few thousand
  output: 1 << 24, // 16 MiB: the caller holds what it has not yet read
  files: 1 << 28, // 256 MiB in memory
  engine: 1 << 30, // 1 GiB: the heap has 256 MiB, and the largest module exists three times while it is loaded
};

/**
 * The least value of each limit: a memory has whole WebAssembly pages, and an executor takes 70 MB before it
 * runs anything.
 */
const LEAST_LIMITS: ExecutionLimits = {
  time: TIME_RANGE.least,
  memory: MEMORY_RANGE.least,
  tableElements: 1,
  output: 1,
  files: 1,
  engine: 1 << 27,
};

/** The greatest value of each limit. */
export const GREATEST_LIMITS: ExecutionLimits = {
  time: TIME_RANGE.greatest,
  memory: MEMORY_RANGE.greatest,
  tableElements: 10_000_000, // V8's own limit
  output: 2 ** 40,
  files: 2 ** 34,
  engine: 2 ** 34,
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

/** The error of a call that exceeded its time limit of `time` milliseconds. */
export function timeLimit(time: number): GhostError {
  return new GhostError("TIME_LIMIT", `The call ran longer than its time limit of ${time} ms`);
}

/** The error of what goes on in an instance that is dropped. */
export function instanceEnded(): GhostError {
  return new GhostError("RESOURCE_GONE", "Cannot go on: the instance of the stream has ended");
}

/** The error of a module that was not loaded in time. */
export function loadTimeLimit(limits: ExecutionLimits): GhostError {
  return new GhostError(
    "TIME_LIMIT",
    `Loading the module took longer than the time limit of ${limits.time} ms`,
  );
}

/** Bytes of resident memory at which an executor's process is ended. A file's buffer may be twice as long as the file. */
export function processCeiling({ memory, files, engine }: ExecutionLimits): number {
  return memory + 2 * files + engine;
}

/** The error of whatever was under way when its executor reached the memory ceiling. */
export function ceilingReached(limits: ExecutionLimits): GhostError {
  return new GhostError("MEMORY_LIMIT", `The executor's process ${whyCeiling(limits)}`);
}

/** Why an executor was ended at its memory ceiling, as the end of a sentence. */
export function whyCeiling(limits: ExecutionLimits): string {
  return `took more memory than its limit of ${processCeiling(limits)} bytes, code and engine included`;
}
