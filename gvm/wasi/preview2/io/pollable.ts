/** The resource `wasi:io/poll.pollable`: something that a guest may wait for. */
export interface Pollable {
  /** Whether it only happens while the guest does not have the thread, as input does. */
  readonly arrives?: boolean;
  /** Whether it has happened. */
  isReady(): boolean;
  /** Resolves when it may have happened. Rejects with the signal's reason when it aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

/** What has always happened. */
export const READY: Pollable = { isReady: () => true, wait: () => Promise.resolve() };
