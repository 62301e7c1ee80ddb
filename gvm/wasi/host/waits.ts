import { GhostError } from "../../../gmp/errors.ts";
import { ERRNO, fail } from "./errno.ts";

/** Most waits under way of one guest: some 5 KB each. */
const MAX_WAITS = 4096;

/** Milliseconds after which a guest that looks for input again and again, and never waits for it, lets it arrive. */
const TURN_TIME = 8;

/**
 * The abort reason of a wait that is over: without one, each abort would make an error with a stack. It is made with the first:
 * an error that is made while a module is evaluated has V8 read the whole file again, to tell the line.
 */
let over: Error | undefined;

/** The waits of a guest, and their end. */
export class Waits {
  readonly #underWay = new Set<AbortController>();
  readonly #blocking: boolean;
  #aborted: { readonly reason: unknown } | undefined;
  #milliseconds = 0;
  /** When its latest wait ended, in which input could arrive. */
  #waited = performance.now();
  /** Ends the pause under way; there is at most one, during which the guest does not run. */
  #interrupt: ((reason: unknown) => void) | undefined;

  /** If `blocking`, the guest can wait, since it is called through `WebAssembly.promising`. */
  constructor(blocking: boolean) {
    this.#blocking = blocking;
  }

  /** Whether the guest can wait. */
  get canWait(): boolean {
    return this.#blocking;
  }

  /** Milliseconds that the guest has spent waiting. */
  get milliseconds(): number {
    return this.#milliseconds;
  }

  /**
   * Waits for the promise from `start`, or until {@linkcode abort}. The signal aborts in either case, so that
   * nothing is left behind. A guest that cannot wait gets `NOTSUP`.
   *
   * @throws {GhostError} `MEMORY_LIMIT` for a guest that waits for too much at a time.
   */
  run<T>(start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (!this.#blocking) fail(ERRNO.NOTSUP);
    if (this.#underWay.size >= MAX_WAITS) {
      throw new GhostError("MEMORY_LIMIT", `Cannot wait for more: ${MAX_WAITS} waits are under way`, {
        details: { limit: MAX_WAITS },
      });
    }
    return this.#run(start);
  }

  /**
   * Runs `then`, which looks for input that is not there and does not wait for it: after a turn of the event loop, in which
   * input arrives, where the guest has not waited for a while.
   */
  afterTurn<T>(then: () => T): T | Promise<T> {
    if (!this.#blocking || performance.now() - this.#waited < TURN_TIME) return then();
    return this.run((signal) => sleep(0, signal)).then(then);
  }

  /**
   * Waits for a pause that output asked for; a guest that cannot wait skips it, and only its failure counts.
   */
  pause(asked: Promise<void>): Promise<void> | void {
    if (!this.#blocking) return void asked.catch((error) => this.abort(error));
    // Without a signal, which would cost more than all the rest of writing a line.
    const began = performance.now();
    return new Promise<void>((resolve, reject) => {
      const end = (settle: () => void) => {
        this.#interrupt = undefined;
        this.#milliseconds += performance.now() - began;
        settle();
      };
      this.#interrupt = reject;
      asked.then(() => end(resolve), (error) => end(() => reject(error)));
    });
  }

  /**
   * Throws the reason given to {@linkcode abort}. A guest can catch it, so every WASI function begins with
   * this.
   */
  check(): void {
    if (this.#aborted !== undefined) throw this.#aborted.reason;
  }

  /** Rejects every wait under way, and everything that the guest asks for afterwards, with `reason`. */
  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#interrupt?.(reason);
    for (const controller of this.#underWay) controller.abort(reason);
  }

  async #run<T>(start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const { signal } = controller;
    const aborted = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => aborted.reject(signal.reason));
    this.#underWay.add(controller);
    const began = performance.now();
    try {
      return await Promise.race([start(signal), aborted.promise]);
    } finally {
      this.#waited = performance.now();
      this.#milliseconds += this.#waited - began;
      this.#underWay.delete(controller);
      controller.abort(over ??= new Error("The wait is over"));
    }
  }
}

/** Longest wait of a JavaScript timer, in milliseconds. */
const LONGEST_SLEEP = 2 ** 31 - 1;

/**
 * Resolves after `milliseconds`, or after the longest wait of a timer, if that is less. Rejects with the signal's reason
 * when it aborts.
 */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = () => {
    clearTimeout(timer);
    reject(signal.reason);
  };
  const timer = setTimeout(() => {
    signal.removeEventListener("abort", abort);
    resolve();
  }, Math.min(milliseconds, LONGEST_SLEEP));
  signal.addEventListener("abort", abort);
  return promise;
}
