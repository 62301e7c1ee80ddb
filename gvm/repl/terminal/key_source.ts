/** Where a prompt reads keys. */
export interface KeySource {
  /** Reads what was typed. */
  read(bytes: Uint8Array): Promise<number | null>;
  /** Switches the terminal between lines and keys. */
  setRaw(mode: boolean, options?: Deno.SetRawOptions): void;
  /** True when it is a terminal. */
  isTerminal(): boolean;
}

/** The person leaves: Ctrl-D at an empty line, or the terminal is gone. */
export class EndOfInput extends Error {
  override readonly name = "EndOfInput";
}
