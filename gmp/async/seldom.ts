import { Timer } from "./timer.ts";

/** Does something whenever it is asked to, but no more often than once in some time: what is asked meanwhile is done at its end. */
export class Seldom {
  readonly #interval: number;
  readonly #action: () => void;
  #pause: Timer | undefined;
  #again = false;

  /** Does `action` once in `interval` milliseconds at most. */
  constructor(interval: number, action: () => void) {
    this.#interval = interval;
    this.#action = action;
  }

  /** Asks for it. */
  ask(): void {
    if (this.#pause !== undefined) return void (this.#again = true);
    this.#pause = new Timer(this.#interval, () => {
      this.#pause = undefined;
      if (this.#again) this.ask();
    });
    this.#again = false;
    this.#action();
  }

  /** What was asked and not done is not done. */
  cancel(): void {
    this.#pause?.cancel();
    this.#pause = undefined;
    this.#again = false;
  }
}
