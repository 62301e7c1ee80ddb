/** A number of places, and those who wait for one, first come, first served. */
export class Places {
  readonly #waiting = new Set<() => void>();
  #free: number;

  /** `count` places, all of them free. */
  constructor(count: number) {
    this.#free = count;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a place, once there is one. @throws the reason of `signal` when that is aborted before. */
  take(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return this.#takeNow() ? Promise.resolve() : this.#wait(signal);
  }

  /** Gives a place back: to whoever waits longest. */
  give(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
    } else {
      this.#waiting.delete(next);
      next();
    }
  }

  /** Runs `action` in a place, at once where one is free. */
  async run<T>(action: () => Promise<T>): Promise<T> {
    if (!this.#takeNow()) await this.#wait();
    try {
      return await action();
    } finally {
      this.give();
    }
  }

  #takeNow(): boolean {
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
