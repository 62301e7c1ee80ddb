import { type ComponentInstance, enter, leave } from "./component_instance.ts";
import { trap } from "./trap.ts";
import { uncatchable } from "./uncatchable.ts";
import type { Maybe } from "./maybe.ts";
import type { HostCall } from "./host_call.ts";
import { HostWork } from "./host_work.ts";
import { ProcessTurn, ProcessTurns } from "./process_turns.ts";
import { MAX_THREADS, NEVER, type Thread } from "./thread.ts";

const ALWAYS = (): boolean => true;

/** Has the threads of all instances of a root component run one at a time (Canonical ABI, "Embedding API"). */
export class Scheduler {
  /** The thread that runs. */
  current: Thread | undefined;
  readonly #waiting = new Set<Thread>();
  /** What the host does meanwhile. */
  readonly host: HostWork = new HostWork(() => this.goOn(), (reason) => this.abort(reason));
  /** Its turns at the thread of the process. */
  readonly turns: ProcessTurns = new ProcessTurns();
  #drives = 0;
  #isDiscarded = false;
  #aborted: { readonly reason: unknown } | undefined;
  /** Asked to call {@linkcode Scheduler.step} soon. */
  background: (() => void) | undefined;
  /** Told for which call of the host the next thread runs while one drives; `undefined` is that one. */
  runs: (call: HostCall | undefined) => void = () => {};
  /** Told that the guest runs no more, while something of the host's is still under way for it. */
  discarded: () => void = () => {};

  /** Begins `thread` with `body`, which calls `end`; what is returned is there when it blocks or has ended. */
  start(thread: Thread, body: () => void): Maybe<void> {
    return this.#run(thread, body);
  }

  /** Continues a blocked thread until it blocks again or has ended. */
  resume(thread: Thread, cancelled: boolean): Maybe<void> {
    this.#waiting.delete(thread);
    thread.ready = NEVER;
    const { wake } = thread;
    return this.#run(thread, () => wake(cancelled));
  }

  /** Blocks the running thread until `ready`; `wake` continues it then. */
  block(
    thread: Thread,
    ready: () => boolean,
    cancellable: boolean,
    wake: (cancelled: boolean) => void,
  ): void {
    if (this.#waiting.size >= MAX_THREADS) trap(`more than ${MAX_THREADS} threads wait`);
    thread.state = "blocked";
    thread.ready = ready;
    thread.cancellable = cancellable;
    thread.wake = wake;
    this.#waiting.add(thread);
    settle(thread);
  }

  /** The running thread has ended. */
  end(thread: Thread): void {
    thread.state = "ended";
    settle(thread);
  }

  /** The running thread has trapped. */
  fail(thread: Thread, error: unknown): void {
    thread.state = "ended";
    const { settled } = thread;
    thread.settled = undefined;
    if (settled === undefined) this.abort(error);
    else settled.reject(error);
  }

  /**
   * Blocks the running thread, whose caller is core WebAssembly that can be suspended, until `ready`: true if it was cancelled.
   * Traps for a task that must not block.
   */
  wait(ready: () => boolean, cancellable: boolean): Maybe<boolean> {
    const thread = this.running();
    if (thread.task.deliverPendingCancel(cancellable)) return true;
    return new Promise((resolve, reject) => {
      thread.unwind = reject;
      this.block(thread, ready, cancellable, resolve);
    });
  }

  /** Blocks the running thread until another makes it go on; see {@linkcode Scheduler.wait}. */
  suspend(cancellable: boolean): Maybe<boolean> {
    return this.wait(NEVER, cancellable);
  }

  /** A suspended thread may go on. */
  resumeLater(thread: Thread): void {
    thread.state = "blocked";
    thread.ready = ALWAYS;
    this.#waiting.add(thread);
  }

  /** The running thread gives its turn to `other`; whoever made it run goes on when that blocks or ends. */
  switchTo(other: Thread, mayGoOn: boolean, cancellable: boolean): Maybe<boolean> {
    const thread = this.running();
    if (thread.task.deliverPendingCancel(cancellable)) return true;
    return new Promise((resolve, reject) => {
      thread.unwind = reject;
      thread.state = "blocked";
      thread.ready = mayGoOn ? ALWAYS : NEVER;
      thread.cancellable = cancellable;
      thread.wake = resolve;
      this.#waiting.add(thread);
      thread.next = other;
      settle(thread);
    });
  }

  /**
   * Runs the threads of `instance` that may go on while a synchronous call is under way, until `isDone`. Traps if none may:
   * nothing else can make the call return.
   */
  driveIn(instance: ComponentInstance, isDone: () => boolean): Maybe<void> {
    while (!isDone()) {
      const ran = this.#runIn(instance);
      if (ran instanceof Promise) return this.#driveIn(instance, isDone, ran);
    }
  }

  /** As {@linkcode Scheduler.driveIn}, by a loop: promises that each wait for the next one would all be kept. */
  async #driveIn(instance: ComponentInstance, isDone: () => boolean, first: Promise<void>): Promise<void> {
    let ran: Maybe<void> = first;
    for (let turn = new ProcessTurn();;) {
      await ran;
      if (isDone()) return;
      if (turn.isOver) turn = await this.#nextTurn();
      ran = this.#runIn(instance);
    }
  }

  #runIn(instance: ComponentInstance): Maybe<void> {
    const thread = this.#readyIn(instance);
    if (thread === undefined) trap("cannot block a synchronous task before returning");
    return this.resume(thread, false);
  }

  /** A thread of `instance` that would not run on the stack of a synchronous call. */
  #readyIn(instance: ComponentInstance): Thread | undefined {
    for (const thread of this.#waiting) {
      const { task } = thread;
      const needsStack = task.type.async && task.needsExclusive && thread === task.implicit;
      if (task.instance === instance && !needsStack && thread.ready()) return thread;
    }
    return undefined;
  }

  /** The thread that runs. */
  running(): Thread {
    return this.current ?? trap("nothing runs");
  }

  /** Has threads go on if nobody does: false if there is nobody who could. */
  goOn(): boolean {
    if (this.isDriven) {
      this.turns.wake();
      return true;
    }
    this.background?.();
    return this.background !== undefined;
  }

  /** Runs whatever is ready until `isDone`. Traps if nothing can become ready any more. */
  async drive(isDone: () => boolean): Promise<void> {
    this.#drives++;
    try {
      await this.#drive(isDone);
    } catch (error) {
      this.abort(error);
      throw error;
    } finally {
      this.#leave();
    }
  }

  /**
   * Has threads go on after the call that began them has returned, until none is ready, or for a turn: whether there is more to
   * do. `runs` is told for which call of the host the next of them runs.
   */
  async step(runs: (call: HostCall | undefined) => void): Promise<boolean> {
    this.#drives++;
    const turn = new ProcessTurn();
    try {
      for (;;) {
        this.host.tell();
        if (this.#aborted !== undefined) throw this.#aborted.reason;
        const thread = this.#next();
        if (thread === undefined) return false;
        if (turn.isOver) return true;
        runs(thread.task.call);
        await this.#tick(thread);
      }
    } catch (error) {
      this.abort(error);
      throw error;
    } finally {
      this.#leave();
    }
  }

  /** A call of the host begins, which has threads go on until it is told the end. */
  begin(): () => void {
    this.#drives++;
    return () => this.#leave();
  }

  /** Whether somebody has its threads go on. */
  get isDriven(): boolean {
    return this.#drives > 0;
  }

  async #drive(isDone: () => boolean): Promise<void> {
    let turn = new ProcessTurn();
    for (;;) {
      this.host.tell();
      if (isDone()) return;
      if (this.#aborted !== undefined) throw this.#aborted.reason;
      const thread = turn.isOver ? undefined : this.#next();
      if (thread !== undefined) {
        await this.#tickBeside(thread);
        continue;
      }
      if (turn.isOver) await this.turns.yield();
      else if (this.host.isUnderWay) await this.turns.wait();
      else trap("deadlock detected: event loop cannot make further progress");
      turn = new ProcessTurn();
    }
  }

  /** A thread may be of a call that has returned: then it runs for that, and the call that drives goes on behind it. */
  async #tickBeside(thread: Thread): Promise<void> {
    this.runs(thread.task.call);
    try {
      await this.#tick(thread);
    } finally {
      this.runs(undefined);
    }
  }

  /** The turn after those of others. @throws why it was ended meanwhile. */
  async #nextTurn(): Promise<ProcessTurn> {
    await this.turns.yield();
    if (this.#aborted !== undefined) throw this.#aborted.reason;
    return new ProcessTurn();
  }

  /** Whether it has trapped, or was ended. */
  get isOver(): boolean {
    return this.#aborted !== undefined;
  }

  /** Whatever runs ends with `reason` when it next gives its thread away, and what the host holds of streams at once. */
  abort(reason: unknown): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = { reason };
    this.turns.wake();
    this.host.fail(reason);
  }

  #leave(): void {
    if (--this.#drives === 0 && this.#isDiscarded) this.unwind();
  }

  /**
   * The instance is discarded: the stacks of its threads are given back, since V8 keeps one that is suspended for good. The guest
   * runs no more, and what the host does for it can end.
   */
  unwind(): void {
    this.#isDiscarded = true;
    if (this.isDriven) return; // whoever waits for a call still gets its result
    const threads = [...this.#waiting];
    this.#waiting.clear();
    if (!this.host.isIdle) this.discarded(); // first: what is unwound would give a trap as the reason
    for (const { unwind } of threads) unwind?.(uncatchable());
  }

  async #tick(thread: Thread): Promise<void> {
    const entered = thread.task.instance.ancestry;
    enter(entered);
    await this.resume(thread, false);
    leave(entered);
  }

  #next(): Thread | undefined {
    for (const thread of this.#waiting) {
      if (thread.ready() && thread.task.instance.ancestry.every(({ mayEnter }) => mayEnter)) return thread;
    }
    return undefined;
  }

  /** Runs `thread`, then the one to which it gives its turn, and so on, until one blocks or has ended. */
  #run(thread: Thread, body: () => void): Maybe<void> {
    return this.#runOne(thread, body, () => {
      const next = this.#nextOf(thread);
      return next === undefined ? undefined : this.#runAll(next);
    });
  }

  /** By a loop: promises that each wait for the next one would all be kept. */
  async #runAll(first: Thread): Promise<void> {
    let turn = new ProcessTurn();
    for (let thread: Thread | undefined = first; thread !== undefined; thread = this.#nextOf(thread)) {
      if (turn.isOver) turn = await this.#nextTurn();
      this.#waiting.delete(thread);
      thread.ready = NEVER;
      const { wake } = thread;
      await this.#runOne(thread, () => wake(false), () => {});
    }
  }

  #nextOf(thread: Thread): Thread | undefined {
    const { next } = thread;
    thread.next = undefined;
    return next;
  }

  #runOne(thread: Thread, body: () => void, then: () => Maybe<void>): Maybe<void> {
    const before = this.current;
    this.current = thread;
    thread.state = "running";
    try {
      body();
    } catch (error) {
      this.current = before;
      throw error;
    }
    // It still runs when its stack has yet to be resumed.
    if ((thread.state as string) !== "running") {
      this.current = before;
      return then();
    }
    thread.settled = Promise.withResolvers();
    return thread.settled.promise.then(() => {
      this.current = before;
      return then();
    });
  }
}

function settle(thread: Thread): void {
  const { settled } = thread;
  thread.settled = undefined;
  settled?.resolve();
}
