import { trap } from "./trap.ts";

/** Most handles of all instances of a root component; the specification allows 2^28-1 of each, which would fill the heap. */
const MAX_HANDLES = 1 << 15;

/** How many more entries the tables that share it may have. */
export class HandleBudget {
  #left: number;

  /** Room for `most` entries of what is called `what`. */
  constructor(readonly most: number = MAX_HANDLES, readonly what: string = "handles") {
    this.#left = most;
  }

  /** Counts one more entry; traps if there is no room for it. */
  take(): void {
    if (this.#left === 0) trap(`more than ${this.most} ${this.what}`);
    this.#left--;
  }

  /** One is removed. */
  give(): void {
    this.#left++;
  }
}

/** What a component instance refers to by number; 0 is never used (Canonical ABI, "Table State"). */
export class HandleTable<T extends object> {
  readonly #entries: (T | undefined)[] = [undefined];
  readonly #free: number[] = [];
  readonly #budget: HandleBudget;

  /** An empty table, whose entries count in `budget`. */
  constructor(budget: HandleBudget) {
    this.#budget = budget;
  }

  /** Adds `entry` and returns its number, that of the last one removed if any. */
  add(entry: T): number {
    this.#budget.take();
    const free = this.#free.pop();
    if (free === undefined) return this.#entries.push(entry) - 1;
    this.#entries[free] = entry;
    return free;
  }

  /** The entry of that number; traps without one. */
  get(index: number): T {
    return this.#entries[index >>> 0] ?? trap(`unknown handle index ${index >>> 0}`);
  }

  /** Removes the entry of that number and returns it; traps without one. */
  remove(index: number): T {
    const entry = this.get(index);
    this.#entries[index >>> 0] = undefined;
    this.#free.push(index >>> 0);
    this.#budget.give();
    return entry;
  }
}
