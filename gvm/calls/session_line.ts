import type { Channel } from "../../gmp/channel/channel.ts";
import type { GhostError } from "../../gmp/errors.ts";
import { isOwn, ownError } from "../../gmp/own_error.ts";

/** Lines are numbered across all sessions of a process, so that a reference cannot mistake one for another. */
let generations = 0;

/** Calls that were given up and whose end was not heard that are remembered, of one line. */
const GIVEN_UP_LIMIT = 1024;

/** One connection of a session to an executor, and what becomes of the calls that are under way when it breaks. */
export class SessionLine {
  /** Told from every other line of this process by this. */
  readonly generation: number = ++generations;
  /** Questions under way that are no calls. */
  asking = 0;
  readonly #undecided = new Map<number, (error: GhostError) => void>();
  readonly #givenUp = new Set<number>();
  #verdict: GhostError | undefined;

  /**
   * A line over `channel` to `executor`; `restarted` when that took the place of another executor, for `reason` if
   * that is known.
   */
  constructor(
    readonly channel: Channel,
    readonly executor: string,
    readonly restarted: boolean,
    readonly reason: string | undefined,
  ) {}

  /** True when `error` only says that the connection broke: what became of a call is then for its home to say. */
  isBreak(error: unknown): error is GhostError {
    return isOwn(error, this.channel.failure);
  }

  /** Call `id` was under way when the connection broke: `fail` is called once it is known what became of it. */
  undecided(id: number, fail: (error: GhostError) => void): void {
    if (this.#verdict === undefined) this.#undecided.set(id, fail);
    else fail(ownError(this.#verdict));
  }

  /** True while the fate of any call is not known. */
  get waits(): boolean {
    return this.asking > 0 || this.#undecided.size > 0;
  }

  /** Stops waiting for call `id`, which was cancelled: its executor may yet be ended for it. */
  giveUp(id: number, error: GhostError): void {
    if (!this.channel.abandon(id, error, true)) return;
    this.#givenUp.add(id);
    if (this.#givenUp.size > GIVEN_UP_LIMIT) this.#givenUp.delete(this.#givenUp.values().next().value!);
  }

  /** Call `id` was ended with `error`: false when no such call is under way. */
  stop(id: number, error: GhostError): boolean {
    if (this.channel.abandon(id, error, true) || this.#givenUp.delete(id)) return true;
    const fail = this.#undecided.get(id);
    this.#undecided.delete(id);
    fail?.(error);
    return fail !== undefined;
  }

  /** All calls whose fate is not known yet, and those still to come, failed with `verdict`. */
  decide(verdict: GhostError): void {
    this.#verdict = verdict;
    for (const fail of this.#undecided.values()) fail(ownError(verdict));
    this.#undecided.clear();
  }
}
