import type { ComponentInstance } from "./component_instance.ts";
import type { HostCall } from "./host_call.ts";
import type { BorrowScope } from "./resources.ts";
import { trap } from "./trap.ts";
import type { FunctionType } from "./types.ts";
import type { LiftOptions } from "./lift_options.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Thread } from "./thread.ts";
import { after, type Maybe } from "./maybe.ts";

/** What a task resolves to instead of a result when it was cancelled. */
export const CANCELLED: unique symbol = Symbol("cancelled");

/** A call of a lifted function (Canonical ABI, "Tasks"). */
export class Task implements BorrowScope {
  state: "initial" | "started" | "pending cancel" | "cancel delivered" | "resolved" = "initial";
  borrows = 0;
  /** Those of its threads that have not ended. */
  readonly threads = new Set<Thread>();
  implicit: Thread | undefined;
  /** Whether the host has called it. */
  isHosts = false;
  /** The call of the host that has led to it. */
  call: HostCall | undefined;

  constructor(
    readonly scheduler: Scheduler,
    readonly type: FunctionType,
    readonly options: LiftOptions,
    readonly instance: ComponentInstance,
    readonly onStart: () => readonly unknown[],
    readonly onResolve: (result: unknown) => void,
  ) {}

  /** Whether no other such task of its instance may run at the same time. */
  get needsExclusive(): boolean {
    return !this.options.async || this.options.callback !== undefined;
  }

  /** Its implicit thread begins: `next` learns whether it may go on, perhaps later. */
  enter(thread: Thread, next: (entered: boolean) => void): void {
    this.implicit = thread;
    const { instance } = this;
    if (!this.type.async) {
      this.register(thread);
      return next(true);
    }
    const hasBackpressure = () =>
      instance.backpressure > 0 || this.needsExclusive && instance.exclusive !== undefined;
    const enter = () => {
      if (this.needsExclusive) instance.exclusive = thread;
      this.register(thread);
      next(true);
    };
    if (!hasBackpressure() && instance.waitingToEnter === 0) return enter();
    instance.waitingToEnter++;
    this.scheduler.block(thread, () => !hasBackpressure(), true, (cancelled) => {
      instance.waitingToEnter--;
      if (!cancelled) return enter();
      this.cancel();
      this.scheduler.end(thread);
      next(false);
    });
  }

  /** Lowers its arguments, or lifts its result: the host holds the other end of what streams there are, if it is the caller. */
  pass<T>(values: () => T): T {
    if (!this.isHosts) return values();
    const { store } = this.instance;
    const { passing } = store;
    store.passing = this.call;
    try {
      return values();
    } finally {
      store.passing = passing;
    }
  }

  /** Its arguments. */
  start(): readonly unknown[] {
    if (this.state !== "initial") throw new Error("A task starts twice");
    this.state = "started";
    return this.onStart();
  }

  register(thread: Thread): void {
    this.threads.add(thread);
    thread.index = this.instance.threads.add(thread);
  }

  unregister(thread: Thread): void {
    this.threads.delete(thread);
    if (this.threads.size === 0 && this.state !== "resolved") {
      trap("async-lifted export failed to produce a result");
    }
    this.instance.threads.remove(thread.index);
  }

  /** Its implicit thread has ended. */
  exit(): void {
    const thread = this.implicit!;
    this.unregister(thread);
    if (this.type.async && this.needsExclusive) this.instance.exclusive = undefined;
    this.scheduler.end(thread);
  }

  /** It returns its result (Canonical ABI, `Task.return_`). */
  return(result: unknown): void {
    if (this.state === "resolved") trap("`task.return` or `task.cancel` called for the second time");
    this.#checkBorrows();
    this.onResolve(result);
    this.state = "resolved";
  }

  /** It confirms that it is cancelled. */
  cancel(): void {
    if (this.state !== "cancel delivered") trap("`task.cancel` called by task which has not been cancelled");
    this.#checkBorrows();
    this.onResolve(CANCELLED);
    this.state = "resolved";
  }

  #checkBorrows(): void {
    if (this.borrows > 0) trap("borrow handles still remain at the end of the call");
  }

  /** Its caller, an instance or the host, asks it to end (Canonical ABI, `Task.request_cancellation`). */
  requestCancellation(caller: ComponentInstance | undefined): Maybe<void> {
    const { instance, scheduler } = this;
    if (this.state === "initial") {
      this.state = "cancel delivered";
      return scheduler.resume(this.implicit!, true);
    }
    const candidate = [...this.threads].find((thread) =>
      thread.state === "blocked" && thread.cancellable &&
      !(this.needsExclusive && thread === this.implicit && instance.exclusive !== undefined &&
        instance.exclusive !== thread)
    );
    const entered = instance.entered(caller);
    if (candidate === undefined || !entered.every(({ mayEnter }) => mayEnter)) {
      this.state = "pending cancel";
      return;
    }
    this.state = "cancel delivered";
    for (const one of entered) one.mayEnter = false;
    return after(scheduler.resume(candidate, true), () => {
      for (const one of entered) one.mayEnter = true;
    });
  }

  /** Whether a cancellation that came before is delivered now. */
  deliverPendingCancel(cancellable: boolean): boolean {
    if (!cancellable || this.state !== "pending cancel") return false;
    this.state = "cancel delivered";
    return true;
  }
}
