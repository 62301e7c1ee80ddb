/** So much in a second, and so much at once after a pause: whatever comes beyond that has to wait. */
export class Rate {
  readonly #interval: number;
  readonly #slack: number;
  readonly #now: () => number;
  /** When all that was taken has had its time. */
  #paid = -Infinity;

  /** `perSecond` units, `atOnce` of them after a pause; `now` is a monotonic clock, in milliseconds. */
  constructor(perSecond: number, atOnce: number, now: () => number = () => performance.now()) {
    this.#interval = 1000 / perSecond;
    this.#slack = atOnce * this.#interval;
    this.#now = now;
  }

  /** Takes `units`; the milliseconds to wait before the next. */
  take(units: number): number {
    const now = this.#now();
    this.#paid = Math.max(this.#paid, now - this.#slack) + units * this.#interval;
    return Math.max(0, this.#paid - now);
  }

  /** Takes one unit if that has not to wait; otherwise nothing. */
  allows(): boolean {
    const paid = Math.max(this.#paid, this.#now() - this.#slack) + this.#interval;
    if (paid > this.#now()) return false;
    this.#paid = paid;
    return true;
  }
}

/** Devices, or addresses, whose rates are known: four times as many as may be paired. */
const MAX_COUNTED = 1024;

/** A {@linkcode Rate} for each device. */
export class Rates {
  readonly #make: () => Rate;
  readonly #known = new Map<string, Rate>();

  /** What `make` makes, for each of them. */
  constructor(make: () => Rate) {
    this.#make = make;
  }

  /** That of the device `id`; of too many, those who were asked for last are known. */
  of(id: string): Rate {
    const rate = this.#known.get(id) ?? this.#make();
    this.#known.delete(id);
    this.#known.set(id, rate);
    if (this.#known.size > MAX_COUNTED) this.#known.delete(this.#known.keys().next().value!);
    return rate;
  }
}
