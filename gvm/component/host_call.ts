/** An end of a stream or a future that the host holds. */
export interface HostEnd {
  /** It ends for `reason`, as its instance does. */
  fail(reason: unknown): void;
}

/** A call of the host: the streams and futures that it passes, or gets, may go on after it has returned. */
export class HostCall {
  readonly #open = new Set<HostEnd>();

  /** How many of these have not ended. */
  get open(): number {
    return this.#open.size;
  }

  /** One more is passed. */
  began(end: HostEnd): void {
    this.#open.add(end);
  }

  /** One has ended. */
  ended(end: HostEnd): void {
    this.#open.delete(end);
  }

  /** One is about to end for `reason`, as its instance does, and so are all others. */
  failing(_reason: unknown): void {}

  /** Something has passed through one of them. */
  passed(): void {}

  /** All end for `reason`. */
  fail(reason: unknown): void {
    for (const end of [...this.#open]) end.fail(reason);
  }

  /** The error that the host gets for `reason`. */
  errorOf(reason: unknown): unknown {
    return reason;
  }
}
