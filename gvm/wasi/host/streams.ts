/** One of the three streams that a guest has from the start. */
export type StandardStream = "stdin" | "stdout" | "stderr";

/**
 * Bytes that a standard stream is given at a time, out of the guest's memory as it is: a call writes as much as it likes,
 * and no more than that is held for it, however often its buffers name the same bytes.
 */
export const MAX_PIECE = 1 << 16;

/** Where a guest's standard input comes from. */
export interface InputSource {
  /** True when a person types it, so that programs prompt; false by default. */
  readonly isTerminal?: boolean;
  /** Bytes that can be read now, 0 at the end of the input; `undefined` when a reader would have to wait. */
  readable(): number | undefined;
  /**
   * Moves bytes that can be read now to the start of `into`, and says how many; 0 at the end of the input. With `hasSome` the
   * guest has bytes by this very call already: nothing may keep it from them.
   */
  read(into: Uint8Array, hasSome: boolean): number;
  /** Resolves once {@linkcode readable} is a number. Rejects with the signal's reason when it aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

/** Where a guest's standard output or standard error goes. */
export interface OutputSink {
  /** True when a person reads it as it is written, so that C programs write each line at once; false by default. */
  readonly isTerminal?: boolean;
  /**
   * Takes bytes, which are the guest's and valid during the call only. With a promise it asks for a pause, which a guest that
   * can wait makes; what it throws, or rejects with, ends the guest.
   */
  write(bytes: Uint8Array): void | Promise<void>;
}
