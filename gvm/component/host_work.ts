import type { HostCall, HostEnd } from "./host_call.ts";

/** What the host does for a guest while that waits, and the ends of streams and futures that it holds. */
export class HostWork {
  #calls = 0;
  #programs = 0;
  readonly #arrived: (() => void)[] = [];
  readonly #ends = new Set<HostEnd>();
  readonly #wake: () => unknown;
  readonly #abort: (reason: unknown) => void;

  /** Calls `wake` when something is done that the guest is to hear, and `abort` when a function fails. */
  constructor(wake: () => unknown, abort: (reason: unknown) => void) {
    this.#wake = wake;
    this.#abort = abort;
  }

  /** Whether anything is under way or still to be told, or a program holds an end, with which it may do something. */
  get isUnderWay(): boolean {
    return this.#calls > 0 || this.#programs > 0;
  }

  /** Whether nothing is under way, and it holds no end. */
  get isIdle(): boolean {
    return this.#calls === 0 && this.#ends.size === 0;
  }

  /** A function is under way; what is done with its result, which may have the guest allocate, waits for a turn. */
  call(
    result: Promise<unknown>,
    done: (value: unknown) => void,
    failed: (error: unknown) => void = this.#abort,
  ): void {
    this.#calls++;
    result.then((value) => {
      this.#arrived.push(() => done(value));
      this.#wake();
    }, (error) => {
      this.#calls--;
      failed(error);
    });
  }

  /** Tells the guest what is done. */
  tell(): void {
    for (let done; (done = this.#arrived.shift()) !== undefined;) {
      this.#calls--;
      done();
    }
  }

  /** The host holds `end`; with `call`, the program that has made that call does. */
  hold(end: HostEnd, call: HostCall | undefined): void {
    this.#ends.add(end);
    if (call === undefined) return;
    this.#programs++;
    call.began(end);
  }

  /** It does no longer. */
  release(end: HostEnd, call: HostCall | undefined): void {
    if (!this.#ends.delete(end) || call === undefined) return;
    this.#programs--;
    call.ended(end);
  }

  /** The instance has ended for `reason`. */
  fail(reason: unknown): void {
    for (const end of [...this.#ends]) end.fail(reason);
  }
}
