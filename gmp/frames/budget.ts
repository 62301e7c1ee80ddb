import { GhostError } from "../errors.ts";

/** Bytes that one connection may make this process hold; a REPLY of GPMD, the largest frame, takes half of them. */
export const CONNECTION_BUDGET = 1 << 26;
/** Bytes that all connections together may make this process hold. */
export const PROCESS_BUDGET = 1 << 28;

/** The owner of a budget. */
interface BudgetOwner {
  /**
   * Has the owner end before long, but not yet: all together hold more than the process may, and this one holds the most,
   * perhaps with the bytes that are just being charged.
   */
  overdrawn(error: GhostError): void;
}

/** The budgets of all owners that have not ended, or still hold something. */
const all = new Set<Budget>();
/** Bytes held by all of them, and bytes among these whose owners have ended, which are on their way out. */
let total = 0;
let leaving = 0;

/**
 * What one connection makes this process hold for it: requests under way and their decoded bodies, DATA that waits,
 * unfinished frames, answers that have not been taken (docs/limits.md, "What a process holds for others"). Bytes are
 * charged where they are added and given back where they go. When all budgets of a process together exceed
 * {@linkcode PROCESS_BUDGET}, the owner of the largest loses its connection.
 */
export class Budget {
  readonly #owner: BudgetOwner;
  #held = 0;
  #ended = false;
  #room: PromiseWithResolvers<void> | undefined;

  /** A budget of `owner`, with nothing held yet. */
  constructor(owner: BudgetOwner) {
    this.#owner = owner;
    all.add(this);
  }

  /** Bytes that are held. */
  get held(): number {
    return this.#held;
  }

  /**
   * True when `bytes` more are within {@linkcode CONNECTION_BUDGET}; also false while ended connections have left too
   * much behind.
   */
  fits(bytes: number): boolean {
    return this.#held + bytes <= CONNECTION_BUDGET && leaving <= PROCESS_BUDGET;
  }

  /** Charges `bytes`, even if they are too many: ask `fits` beforehand. */
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

  /** While more is held than {@linkcode CONNECTION_BUDGET}, a promise that resolves when that is over. */
  room(): Promise<void> | undefined {
    if (this.#held <= CONNECTION_BUDGET) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /**
   * For when the connection has ended: ending it can free nothing more. What is still held is given back as it goes.
   */
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
