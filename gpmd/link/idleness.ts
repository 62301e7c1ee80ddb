import { Timer } from "../../gmp/async/timer.ts";

/** Milliseconds that a link which has just started waits to be needed: the command that started it asks at once. */
const FIRST_TIME = 30_000;
/** Milliseconds that one which is needed no more goes on, for who tries again. */
const LAST_TIME = 2000;

/** Tells when a link is needed no more: it costs some 50 MB of its own, and none is needed where nothing is paired. */
export class Idleness {
  /** Resolves then. */
  readonly over: Promise<void>;
  readonly #end: () => void;
  #timer: Timer | undefined;

  /** Of a link that has just started. */
  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#end = resolve;
    this.#timer = new Timer(FIRST_TIME, resolve);
  }

  /** There is something to do: a paired device, an invitation, or a device to join. */
  begins(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** There is nothing to do any more, or still nothing. */
  ends(): void {
    this.#timer ??= new Timer(LAST_TIME, this.#end);
  }
}
