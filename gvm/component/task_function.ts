import { giveBack, type Lent } from "./canonical_context.ts";
import { codecOf } from "./codec.ts";
import type { Resolve } from "./component_function.ts";
import { type ComponentInstance, enter, leave } from "./component_instance.ts";
import { MAX_FLAT_PARAMETERS } from "./layout.ts";
import { resultReader } from "./lift.ts";
import { lowerArguments, type ParametersCodec, parametersCodec } from "./parameters.ts";
import type { CoreFunction } from "./promise_integration.ts";
import { isRefusal, trap } from "./trap.ts";
import type { FunctionType } from "./types.ts";
import type { AsyncFunction, Cancel } from "./async_function.ts";
import { after, type Maybe } from "./maybe.ts";
import type { LiftOptions } from "./lift_options.ts";
import { makeRunner, type Runner } from "./runner.ts";
import { CANCELLED, Task } from "./task.ts";
import type { Scheduler } from "./scheduler.ts";
import { Thread } from "./thread.ts";
import { type Event, EventCode, WaitableSet } from "./waitable.ts";

/** What the callback of a task returns (Canonical ABI, `CallbackCode`). */
const EXIT = 0;
const YIELD = 1;
const WAIT = 2;

/** Lifts a core function of a component that uses WASI 0.3 (Canonical ABI, `canon_lift`). */
export class TaskFunction implements AsyncFunction {
  readonly type: FunctionType;
  readonly waits: boolean;
  readonly #core: CoreFunction;
  readonly #options: LiftOptions;
  readonly #instance: ComponentInstance;
  readonly #scheduler: Scheduler;
  /** A destructor may be called from wherever the resource was. */
  readonly #isDestructor: boolean;
  #parameters: ParametersCodec | undefined;
  #runner: Runner | undefined;
  #callback: Runner | undefined;

  constructor(
    core: CoreFunction,
    type: FunctionType,
    options: LiftOptions,
    scheduler: Scheduler,
    isDestructor = false,
  ) {
    this.#isDestructor = isDestructor;
    this.type = type;
    this.waits = true;
    this.#core = core;
    this.#options = options;
    this.#instance = options.context.instance;
    this.#scheduler = scheduler;
  }

  call(
    args: readonly unknown[],
    caller: ComponentInstance | undefined,
    resolve: Resolve,
    out: number,
  ): unknown {
    if (this.#scheduler.isOver) trap("cannot enter component instance");
    let isResolved = false;
    let resolved: unknown;
    const onResolve = (result: unknown) => {
      resolved = resolve(result, out);
      isResolved = true;
    };
    const release = this.#scheduler.begin();
    const end = () => {
      release();
      return resolved;
    };
    const failed = (error: unknown): never => {
      release();
      throw error;
    };
    let ran: Maybe<void>;
    try {
      ran = after(
        this.begin(() => args, onResolve, caller) as Maybe<unknown>,
        () => isResolved ? undefined : this.#scheduler.drive(() => isResolved),
      );
    } catch (error) {
      return failed(error);
    }
    return ran instanceof Promise ? ran.then(end, failed) : end();
  }

  begin(
    onStart: () => readonly unknown[],
    onResolve: (result: unknown) => void,
    caller: ComponentInstance | undefined,
  ): Maybe<Cancel> {
    const instance = this.#instance;
    if (!this.#isDestructor) instance.checkCaller(caller);
    const entered = instance.entered(caller);
    enter(entered);
    const task = new Task(this.#scheduler, this.type, this.#options, instance, onStart, onResolve);
    task.isHosts = caller === undefined;
    task.call = task.isHosts ? instance.store.call : this.#scheduler.current?.task.call;
    const thread = new Thread(task);
    let ran: Maybe<void>;
    try {
      ran = this.#scheduler.start(
        thread,
        () => task.enter(thread, (isIn) => isIn && this.#body(task, thread)),
      );
    } catch (error) {
      if (isRefusal(error)) this.#takeBack(task, thread, entered);
      throw error;
    }
    return after(ran, () =>
      after(this.#finish(task), () => {
        leave(entered);
        return (caller) => task.requestCancellation(caller);
      }));
  }

  /** Other threads of the instance may run until a synchronous task returns, but nothing else. */
  #finish(task: Task): Maybe<void> {
    if (this.type.async) return;
    return this.#scheduler.driveIn(this.#instance, () => task.state === "resolved");
  }

  /** The caller's arguments did not fit: nothing has happened. */
  #takeBack(task: Task, thread: Thread, entered: readonly ComponentInstance[]): void {
    task.state = "resolved";
    task.unregister(thread);
    if (this.type.async && task.needsExclusive) this.#instance.exclusive = undefined;
    leave(entered);
  }

  #body(task: Task, thread: Thread): void {
    const { context: cx, async, callback } = this.#options;
    this.#parameters ??= parametersCodec(this.type, MAX_FLAT_PARAMETERS);
    const args = task.start();
    const values = task.pass(() => lowerArguments(this.#parameters!, cx, args, task, task.isHosts));
    const lent = cx.lent;
    cx.lent = undefined;
    const failed = (error: unknown) => this.#scheduler.fail(thread, error);
    if (!async) return this.#run(values, (result) => this.#return(task, result, lent), failed);
    this.#run(values, (result) => {
      if (lent !== undefined) giveBack(lent);
      if (callback === undefined) task.exit();
      else this.#continue(task, thread, result as number, failed);
    }, failed);
  }

  #run(
    values: (number | bigint)[],
    returned: (result: unknown) => void,
    failed: (error: unknown) => void,
  ): void {
    this.#runner ??= makeRunner(this.#core, this.#parameters!.flat, this.#resultTypes());
    this.#runner(values, returned, failed);
  }

  #resultTypes() {
    const { async, callback } = this.#options;
    if (async) return callback === undefined ? [] : ["i32"] as const;
    if (this.type.result === null) return [];
    const { flat } = codecOf(this.type.result);
    return flat.length > 1 ? ["i32"] as const : flat;
  }

  /** The core function of a lift without `async` has returned. */
  #return(task: Task, returned: unknown, lent: readonly Lent[] | undefined): void {
    const { context: cx, postReturn } = this.#options;
    const { result } = this.type;
    cx.begin();
    cx.next = 0;
    cx.values = [returned as number];
    const { store } = this.#instance;
    const { left } = store;
    task.return(result === null ? undefined : task.pass(() => resultReader(codecOf(result))(cx)));
    store.left = left;
    if (postReturn !== undefined) {
      this.#instance.mayLeave = false;
      if (returned === undefined) postReturn();
      else postReturn(returned);
      this.#instance.mayLeave = true;
    }
    if (lent !== undefined) giveBack(lent);
    task.exit();
  }

  /** Does what the core function or its callback has returned (Canonical ABI, `unpack_callback_result`). */
  #continue(task: Task, thread: Thread, packed: number, failed: (error: unknown) => void): void {
    const instance = this.#instance;
    const code = packed & 0xf;
    if (code === EXIT) return task.exit();
    if (code !== YIELD && code !== WAIT) trap(`unsupported callback code: ${code}`);
    instance.exclusive = undefined;
    const set = code === WAIT ? waitableSet(instance, packed >>> 4) : undefined;
    const isFree = () => instance.exclusive === undefined;
    const goOn = (cancelled: boolean) => {
      if (set !== undefined) set.waiting--;
      instance.exclusive = thread;
      const event: Event = cancelled
        ? [EventCode.TASK_CANCELLED, 0, 0]
        : set === undefined
        ? [EventCode.NONE, 0, 0]
        : set.take();
      this.#callback ??= makeRunner(this.#options.callback!, ["i32", "i32", "i32"], ["i32"]);
      this.#callback(event, (next) => this.#continue(task, thread, next as number, failed), failed);
    };
    if (set !== undefined) set.waiting++;
    if (task.deliverPendingCancel(true)) return goOn(true);
    this.#scheduler.block(thread, () => isFree() && (set === undefined || set.hasEvent), true, goOn);
  }
}

/** The waitable set of that number; traps if it is none. */
export function waitableSet(instance: ComponentInstance, index: number): WaitableSet {
  const entry = instance.handles.get(index);
  return entry instanceof WaitableSet ? entry : trap(`handle index ${index} is not a waitable set`);
}

/** Whether a task has been cancelled rather than returned. */
export function isCancelled(result: unknown): boolean {
  return result === CANCELLED;
}
