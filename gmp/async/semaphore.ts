/** A counting semaphore, first come, first served. */
export class Semaphore {
  readonly #waiting = new Set<() => void>();
  #free: number;

  /** A semaphore of `permits`, all of them free. */
  constructor(permits: number) {
    this.#free = permits;
  }

  /** How many are waiting. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a permit as soon as one is free. @throws the reason of `signal` if that aborts first. */
  acquire(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return this.#acquireNow() ? Promise.resolve() : this.#wait(signal);
  }

  /** Gives a permit back, to whoever has waited longest. */
  release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
    } else {
      this.#waiting.delete(next);
      next();
    }
  }

  /** Runs `action` with a permit, at once if one is free. */
  async run<T>(action: () => Promise<T>): Promise<T> {
    if (!this.#acquireNow()) await this.#wait();
    try {
      return await action();
    } finally {
      this.release();
    }
  }

  #acquireNow(): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    return true;
  }

  #wait(signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => {
      this.#waiting.delete(go);
      reject(signal!.reason);
    };
    const go = () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    };
    this.#waiting.add(go);
    signal?.addEventListener("abort", abort, { once: true });
    return promise;
  }
}
