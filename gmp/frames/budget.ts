import { GhostError } from "../errors.ts";

/** Bytes that one connection may make this process hold; a REPLY of GPMD, the largest frame, takes half of it. */
export const CONNECTION_BUDGET = 1 << 26;
/** Bytes that all connections of a process together may make it hold. */
export const PROCESS_BUDGET = 1 << 28;

/** Whose budget it is. */
export interface BudgetOwner {
  /** Ends it: all owners together hold more than the process may, and this one most. */
  overdrawn(error: GhostError): void;
}

/** The budgets that hold anything, or may. */
const all = new Set<Budget>();
/** Bytes of all of them, and of those whose owners have ended: they are on their way out. */
let total = 0;
let leaving = 0;

/**
 * What one connection makes this process hold for it: requests under way with what was decoded of them, DATA that waits,
 * frames that have not come whole, answers that were not taken (docs/limits.md, "What a process holds for others"). It is
 * charged where bytes are added and given back where they go. When all budgets of a process come to more than
 * {@linkcode PROCESS_BUDGET}, the owner of the largest pays for it with its connection.
 *
 * @example
 * ```ts
 * import { Budget, CONNECTION_BUDGET } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * const budget = new Budget({ overdrawn: (error) => console.error(error.message) });
 * budget.take(1000);
 * assertEquals([budget.held, budget.fits(CONNECTION_BUDGET)], [1000, false]);
 * budget.give(1000);
 * budget.end();
 * ```
 */
export class Budget {
  readonly #owner: BudgetOwner;
  #held = 0;
  #ended = false;
  #room: PromiseWithResolvers<void> | undefined;

  /** Nothing held yet. */
  constructor(owner: BudgetOwner) {
    this.#owner = owner;
    all.add(this);
  }

  /** Bytes that are held. */
  get held(): number {
    return this.#held;
  }

  /**
   * True when `bytes` more are within {@linkcode CONNECTION_BUDGET}; false also while connections that have ended have left
   * too much behind.
   */
  fits(bytes: number): boolean {
    return this.#held + bytes <= CONNECTION_BUDGET && leaving <= PROCESS_BUDGET;
  }

  /** Charges `bytes`, which are there already; `fits` says beforehand whether they may be. */
  take(bytes: number): void {
    this.#held += bytes;
    total += bytes;
    if (this.#ended) leaving += bytes;
    if (total - leaving > PROCESS_BUDGET) relieve();
  }

  /** Gives `bytes` back. */
  give(bytes: number): void {
    this.#held -= bytes;
    total -= bytes;
    if (this.#ended) leaving -= bytes;
    if (this.#room !== undefined && this.#held <= CONNECTION_BUDGET) {
      this.#room.resolve();
      this.#room = undefined;
    }
    if (this.#ended && this.#held <= 0) all.delete(this);
  }

  /** A promise, while more is held than {@linkcode CONNECTION_BUDGET}, that is resolved when that is over. */
  room(): Promise<void> | undefined {
    if (this.#held <= CONNECTION_BUDGET) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** The connection has ended: nothing can be had back by ending it. What is still held is given back as it goes. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    leaving += this.#held;
    this.#room?.resolve();
    this.#room = undefined;
    if (this.#held <= 0) all.delete(this);
  }

  /** Ends the owner of the largest budget, again and again, until the rest is within the limit. */
  static relieve(): void {
    while (total - leaving > PROCESS_BUDGET) {
      let largest: Budget | undefined;
      let most = 0;
      for (const one of all) {
        if (one.#ended || one.#held <= most) continue;
        largest = one;
        most = one.#held;
      }
      if (largest === undefined) return;
      largest.end();
      largest.#owner.overdrawn(
        new GhostError(
          "CONNECTION_LOST",
          `Cannot go on: the other side made this one hold ${most} bytes, the most of all connections`,
        ),
      );
    }
  }
}

const { relieve } = Budget;
