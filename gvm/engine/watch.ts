/** What a call was granted, as far as the watch needs to know. */
export interface CallTerms {
  /** Milliseconds that it may take. */
  readonly time: number;
  /** The number by which the watch knows what runs, within its session; 0 for what nobody can revoke. */
  readonly what: number;
}

/**
 * Records which call has the thread. An executor's watchdog reads it from another thread; inline execution
 * has no watchdog.
 */
export interface Watch {
  /**
   * Call `id` of `session` gets the thread under `terms`, and its guest runs before anything else does;
   * `since` is when it began, by `watchTime`, or 0 for just now. Returns a mark.
   */
  enter(session: number, id: number, since: number, terms: CallTerms): number;
  /** The call that got `mark` gives the thread back. */
  leave(mark: number): void;
}

/** Watches nothing. */
export const NO_WATCH: Watch = { enter: () => 0, leave: () => {} };

/**
 * The time in milliseconds, the same on every thread of a process and never adjusted like wall-clock time.
 */
export function watchTime(): number {
  return performance.timeOrigin + performance.now();
}
