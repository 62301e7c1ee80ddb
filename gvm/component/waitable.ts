import type { ComponentInstance } from "./component_instance.ts";
import { giveBack, type Lent } from "./canonical_context.ts";
import { trap } from "./trap.ts";
import { after, type Maybe } from "./maybe.ts";
import type { Scheduler } from "./scheduler.ts";

/** What has happened: a code, and two numbers (Canonical ABI, `EventCode`). */
export type Event = readonly [code: number, first: number, second: number];

/** The codes of events. */
export const EventCode = {
  NONE: 0,
  SUBTASK: 1,
  STREAM_READ: 2,
  STREAM_WRITE: 3,
  FUTURE_READ: 4,
  FUTURE_WRITE: 5,
  TASK_CANCELLED: 6,
} as const;

/** Something to which something may happen (Canonical ABI, "Waitable State"). */
export class Waitable {
  #event: (() => Event) | undefined;
  /** The set that it is in. */
  set: WaitableSet | undefined;
  /** Whether a thread waits for it by itself. */
  hasWaiter = false;

  get hasEvent(): boolean {
    return this.#event !== undefined;
  }

  /** Something has happened; `event` says what when it is delivered. */
  happened(event: () => Event): void {
    this.#event = event;
    this.set?.ready.add(this);
  }

  /** Waits for it alone. */
  wait(scheduler: Scheduler): Maybe<unknown> {
    this.hasWaiter = true;
    return after(scheduler.wait(() => this.hasEvent, false), () => this.hasWaiter = false);
  }

  /** Delivers what has happened. */
  take(): Event {
    const event = this.#event!;
    this.#event = undefined;
    this.set?.ready.delete(this);
    return event();
  }

  /** Moves it to `set`, or out of any. */
  join(set: WaitableSet | undefined): void {
    this.set?.elements.delete(this);
    this.set?.ready.delete(this);
    this.set = set;
    set?.elements.add(this);
    if (this.hasEvent) set?.ready.add(this);
  }

  drop(): void {
    this.join(undefined);
  }
}

/** Waitables of which any may wake a thread. */
export class WaitableSet {
  readonly elements = new Set<Waitable>();
  /** Those of them to which something has happened, in that order, so that each has its turn. */
  readonly ready = new Set<Waitable>();
  /** How many threads wait for it. */
  waiting = 0;

  get hasEvent(): boolean {
    return this.ready.size > 0;
  }

  take(): Event {
    for (const one of this.ready) return one.take();
    return [EventCode.NONE, 0, 0];
  }

  drop(): void {
    if (this.elements.size > 0) trap("cannot drop waitable set which contains waitables");
    if (this.waiting > 0) trap("cannot drop waitable set with waiters");
  }
}

/** The states of a subtask (Canonical ABI, "Subtask State"). */
export const SubtaskState = {
  STARTING: 0,
  STARTED: 1,
  RETURNED: 2,
  CANCELLED_BEFORE_STARTED: 3,
  CANCELLED_BEFORE_RETURNED: 4,
} as const;

/** A call as its caller sees it. */
export class Subtask extends Waitable {
  state: number = SubtaskState.STARTING;
  cancel: ((caller: ComponentInstance | undefined) => Maybe<void>) | undefined;
  cancellationRequested = false;
  /** The core value of its result. */
  flat: unknown;
  /** What it has borrowed. */
  lent: readonly Lent[] | undefined;
  #delivered = false;

  get resolved(): boolean {
    return this.state >= SubtaskState.RETURNED;
  }

  get delivered(): boolean {
    return this.#delivered;
  }

  /** Its caller knows that it is resolved. */
  deliver(): void {
    this.#delivered = true;
    if (this.lent !== undefined) giveBack(this.lent);
    this.lent = undefined;
  }

  override drop(): void {
    if (!this.#delivered) trap("cannot drop a subtask which has not yet resolved");
    super.drop();
  }
}
