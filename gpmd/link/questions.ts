import type { Handlers } from "../../gmp/channel/messages.ts";
import { Rate, Rates } from "./engine/rate.ts";
import { GhostError } from "../../gmp/errors.ts";

/** Questions of one device that are being answered at once: GPMD takes 1024 of all devices together. */
const MAX_QUESTIONS = 64;

/** Questions of one device in a second, and at once after a pause: each makes work for GPMD and its nodes. */
const QUESTION_RATE = 100;
const MAX_QUESTION_BURST = 2048;

/** The questions of other devices that are being answered. */
export class Questions {
  readonly #underWay = new Map<string, number>();
  readonly #rates: Rates;

  /** None so far; `now` is a monotonic clock, in milliseconds. */
  constructor(now?: () => number) {
    this.#rates = new Rates(() => new Rate(QUESTION_RATE, MAX_QUESTION_BURST, now));
  }

  /** `handlers` for the device `id`, which answer so many questions at once, and so many in a second: `TOO_MANY_REQUESTS` beyond that. */
  of(id: string, handlers: Handlers): Handlers {
    const limited = Object.entries(handlers).map(([name, handler]) => {
      const ask = handler as (...asked: unknown[]) => unknown;
      return [name, async (...asked: unknown[]) => {
        this.#begin(id);
        try {
          return await ask(...asked);
        } finally {
          this.#end(id);
        }
      }];
    });
    return Object.fromEntries(limited);
  }

  #begin(id: string): void {
    const count = this.#underWay.get(id) ?? 0;
    if (count >= MAX_QUESTIONS) {
      throw new GhostError("TOO_MANY_REQUESTS", `Cannot answer: ${MAX_QUESTIONS} questions are under way`);
    }
    if (!this.#rates.of(id).allows()) {
      throw new GhostError("TOO_MANY_REQUESTS", "Cannot answer: the device asks too often");
    }
    this.#underWay.set(id, count + 1);
  }

  #end(id: string): void {
    const count = this.#underWay.get(id)! - 1;
    if (count > 0) this.#underWay.set(id, count);
    else this.#underWay.delete(id);
  }
}
