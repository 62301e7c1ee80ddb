import { GhostError } from "../../gmp/errors.ts";
import type { HostCall } from "./host_call.ts";
import { Scheduler } from "./scheduler.ts";
import { MAX_THREADS, type Thread } from "./thread.ts";
import { HandleBudget, HandleTable } from "./handle_table.ts";
import { trap } from "./trap.ts";

/**
 * Most bytes that the values of one call may take in JavaScript, about: a list may name the same string many times, so that
 * a few kilobytes of a guest's memory become gigabytes.
 */
export const MAX_LIFTED_BYTES = 1 << 26;

/** What all instances of one root component share. */
export class Store {
  /** Bytes that may still be lifted in the call under way. */
  left = MAX_LIFTED_BYTES;
  /** Set by a trap, and when the instance is dropped: nothing may enter it any more. */
  ended = false;
  /** The call of the host that begins tasks. */
  call: HostCall | undefined;
  /** The call of the host whose values pass now: streams and futures among them belong to it. */
  passing: HostCall | undefined;
  /** Counts the handles of all instances. */
  readonly handles: HandleBudget = new HandleBudget();
  /** Counts their threads. */
  readonly threads: HandleBudget = new HandleBudget(MAX_THREADS, "threads");
  /** Has threads take turns. */
  readonly scheduler: Scheduler = new Scheduler();

  /** A call of the host begins: its values may take so much, and its streams and futures are counted in `call`. */
  begin(call?: HostCall): void {
    this.left = MAX_LIFTED_BYTES;
    this.call = call;
  }

  /** Counts `bytes` of a value that is made. @throws {GhostError} `PAYLOAD_TOO_LARGE`. */
  charge(bytes: number): void {
    this.left -= bytes;
    if (this.left >= 0) return;
    throw new GhostError(
      "PAYLOAD_TOO_LARGE",
      `The call passes values of more than ${MAX_LIFTED_BYTES} bytes`,
      { details: { limit: MAX_LIFTED_BYTES } },
    );
  }
}

/** An instance of a component (Canonical ABI, "Component Instances"). */
export class ComponentInstance {
  /** Its handles. */
  readonly handles: HandleTable<object>;
  /** Whether a call may enter it: none is inside, and none has trapped. */
  mayEnter = true;
  /** Whether it may call out: not while it allocates memory for a value, or cleans up after one. */
  mayLeave = true;
  /** Its threads, by number. */
  readonly threads: HandleTable<Thread>;
  /** The thread that keeps others out which would run the same core stack. */
  exclusive: Thread | undefined;
  /** While it is above 0, no task may start. */
  backpressure = 0;
  /** Tasks that wait until they may start. */
  waitingToEnter = 0;
  /** It and those in which it is nested, the innermost first. */
  readonly ancestry: readonly ComponentInstance[];

  /** An instance, nested in `parent`. */
  constructor(readonly store: Store, parent: ComponentInstance | undefined) {
    this.handles = new HandleTable(store.handles);
    this.threads = new HandleTable(store.threads);
    this.ancestry = [this, ...(parent?.ancestry ?? [])];
  }

  /** The instances that a call from `caller`, or from the host, enters. */
  entered(caller: ComponentInstance | undefined): readonly ComponentInstance[] {
    if (caller === undefined) return this.ancestry;
    return this.ancestry.filter((one) => !caller.ancestry.includes(one));
  }

  /** Traps for a call from an instance in which it is nested, or that is nested in it. */
  checkCaller(caller: ComponentInstance | undefined): void {
    if (caller === undefined || caller === this) return;
    if (caller.ancestry.includes(this) || this.ancestry.includes(caller)) {
      trap("cannot enter component instance");
    }
  }

  /** Traps unless it may call out. */
  checkLeave(): void {
    if (!this.mayLeave) trap("cannot leave component instance");
  }
}

/** Marks `instances` as entered. Traps if one of them cannot be; then, and after a trap inside, none may be any more. */
export function enter(instances: readonly ComponentInstance[]): void {
  for (const instance of instances) {
    if (!instance.mayEnter) trap("cannot enter component instance");
  }
  for (const instance of instances) instance.mayEnter = false;
}

/** The call that entered `instances` has ended as it should. */
export function leave(instances: readonly ComponentInstance[]): void {
  for (const instance of instances) instance.mayEnter = true;
}
