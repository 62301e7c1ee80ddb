/** Bytes of the largest buffer that is kept: longer values are rare. */
const MAX_SPARE: number = 1 << 22;

/**
 * A large buffer that is not in use, for whoever needs one next: the pages of a new one are cleared, and come from the system one
 * by one. The collector may take it at any time, so that nothing is held for long.
 */
export class SpareBuffer {
  #kept: WeakRef<ArrayBuffer> | undefined;

  /** Keeps `buffer`, to which nobody refers any more. */
  keep(buffer: ArrayBuffer): void {
    if (buffer.byteLength <= MAX_SPARE) this.#kept = new WeakRef(buffer);
  }

  /** One of at least `least` bytes, with anything in it, if there is one. */
  take(least: number): ArrayBuffer | undefined {
    const kept = this.#kept?.deref();
    this.#kept = undefined;
    return kept !== undefined && kept.byteLength >= least ? kept : undefined;
  }
}
