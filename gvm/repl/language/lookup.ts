import { Timer } from "../../../gmp/async/timer.ts";

/** Milliseconds that a line may wait for names; a person does not notice less. */
const PATIENCE = 200;

/** A request that a line being typed waits for, but only once and not for long. */
export class Lookup<T> {
  /** The result, once there is one. */
  value: T | undefined;
  readonly #done: Promise<void>;
  #late = false;

  /**
   * Waits for `asked`; calls `tell` if the result comes after a line has stopped waiting. A failure finds
   * nothing.
   */
  constructor(asked: Promise<T>, tell: () => void) {
    this.#done = asked.then(
      (value) => {
        this.value = value;
        if (this.#late) tell();
      },
      () => {},
    );
  }

  /** The result, if it comes soon enough. */
  async get(): Promise<T | undefined> {
    if (this.#late) return this.value;
    const late = Promise.withResolvers<void>();
    const timer = new Timer(PATIENCE, () => {
      this.#late = true;
      late.resolve();
    });
    await Promise.race([this.#done, late.promise]);
    timer.cancel();
    return this.value;
  }
}
