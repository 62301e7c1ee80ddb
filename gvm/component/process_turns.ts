import type { Suspension } from "./suspension.ts";

/** Milliseconds after which a guest lets others of the process have their turn. */
const TURN_TIME = 10;

/** The turns of a guest at the thread of the process, which it shares with others. */
export class ProcessTurns {
  /** Told when the guest gives the thread to others, and when it has it again. */
  suspension: Suspension | undefined;
  #isAway = false;
  #event: PromiseWithResolvers<void> | undefined;

  /** Lets all others that wait have their turn. */
  yield(): Promise<void> {
    return this.#giveUntil(new Promise((resolve) => setTimeout(resolve)));
  }

  /** Lets others have their turn until {@linkcode ProcessTurns.wake}. */
  async wait(): Promise<void> {
    const event = this.#event ??= Promise.withResolvers();
    try {
      await this.#giveUntil(event.promise);
    } finally {
      if (this.#event === event) this.#event = undefined;
    }
  }

  /** Ends the wait, if there is one. */
  wake(): void {
    this.#event?.resolve();
  }

  async #giveUntil(event: Promise<void>): Promise<void> {
    this.#isAway = true;
    this.suspension?.suspended();
    try {
      await event;
    } finally {
      this.#back();
    }
  }

  #back(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.suspension?.resumed();
  }
}

/** One of them, which begins when it is made. */
export class ProcessTurn {
  readonly #since = performance.now();

  /** Whether it is the others' turn. */
  get isOver(): boolean {
    return performance.now() - this.#since > TURN_TIME;
  }
}
