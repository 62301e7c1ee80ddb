/** Turns at the instances of a session: whatever is done in one waits for what was asked of it before. */
export class TurnQueue {
  /** For each instance, by its key, the end of its last turn. */
  readonly #last = new Map<string, Promise<void>>();

  /** Whether somebody has the turn of the instance `key`, or waits for it. */
  isTaken(key: string): boolean {
    return this.#last.has(key);
  }

  /**
   * Does `work` when all that was asked of the instance `key` before is done. What it throws is the caller's, and no later turn
   * hears of it. Who is `cancelled` waits no longer, but those behind still do.
   */
  take<T>(key: string, work: () => T | Promise<T>, cancelled?: Promise<never>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = (cancelled === undefined ? before : Promise.race([before, cancelled])).then(work);
    const settled = Promise.allSettled([before, turn]).then(() => {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    });
    this.#last.set(key, settled);
    return turn;
  }
}
