/**
 * Calls a function after some time, unless it is cancelled before, by `AbortSignal.timeout`: the first `setTimeout` of a
 * process makes Deno load Node's timers, a sixth of the time that a command takes (docs/performance.md, "Starting"). Like
 * `setTimeout` it keeps the process alive until it has fired or is cancelled.
 */
export class Timer {
  /** When it is due, by `performance.now()`. */
  readonly deadline: number;
  readonly #queue: TimerQueue;
  readonly #action: () => void;

  /** Calls `action` in `milliseconds`. */
  constructor(milliseconds: number, action: () => void) {
    this.deadline = performance.now() + milliseconds;
    this.#action = action;
    this.#queue = queueOf(milliseconds);
    this.#queue.add(this);
  }

  /** The action is not called any more. */
  cancel(): void {
    this.#queue.delete(this);
  }

  /** Calls the action: for its queue. */
  fire(): void {
    this.#action();
  }
}

/** Timers of the same duration, in the order in which they are due: one signal at a time wakes them all. */
class TimerQueue {
  readonly #timers = new Set<Timer>();
  #signal: AbortSignal | undefined;
  #isFiring = false;

  constructor(readonly milliseconds: number) {}

  add(timer: Timer): void {
    this.#timers.add(timer);
    if (this.#isFiring) return; // the first of them is waited for when all that are due have fired
    if (this.#signal === undefined || this.#signal.aborted) this.#wakeIn(this.milliseconds);
    else if (this.#timers.size === 1) this.#signal.addEventListener("abort", this.#wake);
  }

  delete(timer: Timer): void {
    // A signal that somebody listens to keeps the process alive.
    if (this.#timers.delete(timer) && this.#timers.size === 0) {
      this.#signal?.removeEventListener("abort", this.#wake);
    }
  }

  #wakeIn(milliseconds: number): void {
    this.#signal = AbortSignal.timeout(Math.ceil(milliseconds));
    this.#signal.addEventListener("abort", this.#wake);
  }

  readonly #wake = (): void => {
    this.#signal = undefined;
    this.#isFiring = true;
    try {
      for (const timer of this.#timers) {
        if (timer.deadline > performance.now()) break;
        this.#timers.delete(timer);
        timer.fire();
      }
    } finally {
      this.#isFiring = false;
      const [next] = this.#timers;
      if (next !== undefined) this.#wakeIn(Math.max(0, next.deadline - performance.now()));
    }
  };
}

const queues = new Map<number, TimerQueue>();

function queueOf(milliseconds: number): TimerQueue {
  let queue = queues.get(milliseconds);
  if (queue === undefined) {
    queue = new TimerQueue(milliseconds);
    queues.set(milliseconds, queue);
  }
  return queue;
}
