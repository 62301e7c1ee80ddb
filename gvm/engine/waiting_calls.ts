import { GhostError } from "../../gmp/errors.ts";
import { showName } from "../../gmp/types/quote.ts";
import type { FunctionInstance } from "./function_instance.ts";
import type { ResolvedFunction } from "./resolved_functions.ts";

/** Most calls of one session that may wait, for their turn or in it. */
const WAITING_LIMIT = 4096;
/** Most cancellations remembered ahead of their call, which comes over another connection. */
const EARLY_LIMIT = 1024;

/** A waiting call, for its turn or in it. */
export interface WaitingCall {
  /** What is called. */
  readonly resolved: ResolvedFunction;
  /** Its instance, once its turn has come. */
  instance: FunctionInstance | undefined;
  /** Set when it is cancelled. */
  error: GhostError | undefined;
  /** Rejected when it is cancelled, so that it need not wait for its turn. */
  readonly cancelled: PromiseWithResolvers<never>;
}

/** The calls of one session that wait, and those that were cancelled before they came. */
export class WaitingCalls {
  /** By id. */
  readonly #waiting = new Map<number, WaitingCall>();
  readonly #early = new Set<number>();

  /**
   * Call `id` waits from now on, until it is deleted.
   *
   * @throws {GhostError} `TOO_MANY_REQUESTS`; `BAD_REQUEST` for an id that another call is under way with, by which only one
   * could be counted, cancelled, or ended when grants change.
   */
  add(id: number, resolved: ResolvedFunction): WaitingCall {
    if (this.#waiting.has(id)) {
      throw new GhostError(
        "BAD_REQUEST",
        `Cannot call ${showName(resolved.name)}: id ${id} is in use`,
      );
    }
    if (this.#waiting.size >= WAITING_LIMIT) {
      throw new GhostError(
        "TOO_MANY_REQUESTS",
        `Cannot call ${showName(resolved.name)}: ${WAITING_LIMIT} calls wait for their turn`,
      );
    }
    const waiting: WaitingCall = {
      resolved,
      instance: undefined,
      error: undefined,
      cancelled: Promise.withResolvers(),
    };
    this.#waiting.set(id, waiting);
    return waiting;
  }

  /** Call `id` waits no longer. */
  delete(id: number): void {
    this.#waiting.delete(id);
  }

  /** Cancels call `id`: false if it does not wait. */
  cancel(id: number): boolean {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) stop(waiting, new GhostError("CANCELLED"));
    return waiting !== undefined;
  }

  /** Cancels call `id` when it comes. */
  cancelEarly(id: number): void {
    this.#early.add(id);
    if (this.#early.size > EARLY_LIMIT) this.#early.delete(this.#early.values().next().value!);
  }

  /** @throws {GhostError} `CANCELLED` when `id`, which has just come, was cancelled before. */
  refuseCancelled(id: number): void {
    if (this.#early.size > 0 && this.#early.delete(id)) throw new GhostError("CANCELLED");
  }

  /** Ends each for which `why` gives a reason; returns the keys of the instances that calls wait for. */
  sift(why: (resolved: ResolvedFunction) => GhostError | undefined): Set<string> {
    for (const waiting of this.#waiting.values()) {
      const reason = why(waiting.resolved);
      if (reason !== undefined) stop(waiting, reason);
    }
    return new Set(Array.from(this.#waiting.values(), ({ resolved }) => resolved.instanceKey));
  }

  /** Cancels all. */
  close(): void {
    for (const id of this.#waiting.keys()) this.cancel(id);
  }
}

function stop(waiting: WaitingCall, error: GhostError): void {
  waiting.error = error;
  waiting.cancelled.reject(error);
  waiting.instance?.abort(error);
}
