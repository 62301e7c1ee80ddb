/** Bytes that the variables of an instance may take together, as in Extism. */
export const VARIABLES_LIMIT = 1 << 20;
/** Bytes that count for a variable besides its key and its value. */
const OVERHEAD = 128;

/** What a plug-in keeps from call to call, as long as its instance lives. */
export class Variables {
  readonly #values = new Map<string, Uint8Array>();
  readonly #hold: (bytes: number) => void;
  #bytes = 0;

  /** No variables; `hold` counts the bytes that they take, or with a negative number no longer take. */
  constructor(hold: (bytes: number) => void) {
    this.#hold = hold;
  }

  /** The value of a variable. */
  get(key: string): Uint8Array | undefined {
    return this.#values.get(key);
  }

  /** Sets a variable. @throws {Error} When all take more than {@linkcode VARIABLES_LIMIT}; what `hold` throws. */
  set(key: string, value: Uint8Array): void {
    const more = sizeOf(key, value) - this.#sizeAt(key);
    if (this.#bytes + more > VARIABLES_LIMIT) {
      throw new Error(`its variables would take more than their limit of ${VARIABLES_LIMIT} bytes`);
    }
    this.#hold(more);
    this.#bytes += more;
    this.#values.set(key, value);
  }

  /** Forgets a variable. */
  delete(key: string): void {
    const bytes = this.#sizeAt(key);
    if (!this.#values.delete(key)) return;
    this.#bytes -= bytes;
    this.#hold(-bytes);
  }

  #sizeAt(key: string): number {
    const value = this.#values.get(key);
    return value === undefined ? 0 : sizeOf(key, value);
  }
}

/** A string may take two bytes a character. */
function sizeOf(key: string, value: Uint8Array): number {
  return 2 * key.length + value.length + OVERHEAD;
}
