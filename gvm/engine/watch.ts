/**
 * Records which call has the thread. An executor's watchdog reads it from another thread; inline execution
 * has no watchdog.
 */
export interface Watch {
  /**
   * Call `id` of `session` gets the thread, and its guest runs before anything else does; `since` is when it
   * began, by `watchTime`, or 0 for just now. Returns a mark.
   */
  enter(session: number, id: number, since: number): number;
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
