/** One of the three streams that a guest has from the start. */
export type StandardStream = "stdin" | "stdout" | "stderr";

/**
 * Most bytes that a standard stream gets at a time, straight from the guest's memory: a call may write any
 * amount, and no more than this is held for it, however often its buffers name the same bytes.
 */
export const MAX_PIECE = 1 << 16;

/** Where a guest's standard input comes from. */
export interface InputSource {
  /** True when a person types it, so that programs prompt; false by default. */
  readonly isTerminal?: boolean;
  /** Bytes that can be read now, 0 at the end of the input; `undefined` if a reader would have to wait. */
  readable(): number | undefined;
  /**
   * Moves bytes that can be read now to the start of `into`, and returns how many; 0 at the end of the input.
   * With `hasSome` this call already has bytes for the guest, and nothing may withhold them.
   */
  read(into: Uint8Array, hasSome: boolean): number;
  /** Resolves once {@linkcode readable} is a number. Rejects with the signal's reason when it aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

/** Where a guest's standard output or standard error goes. */
export interface OutputSink {
  /** True if a person reads it live, so that C programs write each line at once; false by default. */
  readonly isTerminal?: boolean;
  /**
   * Takes bytes from the guest's memory, valid only during the call. A returned promise asks for a pause,
   * which a guest that can wait makes; an error thrown or rejected with ends the guest.
   */
  write(bytes: Uint8Array): void | Promise<void>;
}
