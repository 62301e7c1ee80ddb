import type { CanonicalContext } from "./canonical_context.ts";
import { codecOf } from "./codec.ts";
import type { ComponentInstance } from "./component_instance.ts";
import { MAX_FLAT_PARAMETERS } from "./layout.ts";
import { parametersCodec } from "./parameters.ts";
import type { CoreFunction } from "./promise_integration.ts";
import { trap } from "./trap.ts";
import type { Type } from "./types.ts";
import { waitableSet } from "./task_function.ts";
import { suspendable } from "./lowered_task.ts";
import { after, type Maybe } from "./maybe.ts";
import { isSameType } from "./same_type.ts";
import { makeRunner, type Runner } from "./runner.ts";
import type { Scheduler } from "./scheduler.ts";
import { Thread } from "./thread.ts";
import { type Event, EventCode, Subtask, Waitable, WaitableSet } from "./waitable.ts";

/** What an asynchronous built-in returns if it is not done. */
export const BLOCKED = -1;
/** Most increments of backpressure. */
const MAX_BACKPRESSURE = 1 << 16;

/** The built-in functions of one instance that concern tasks and waiting (Canonical ABI, "Canonical Definitions"). */
export class TaskBuiltIns {
  constructor(readonly instance: ComponentInstance, readonly scheduler: Scheduler) {}

  taskReturn(
    type: Type | null,
    memory: WebAssembly.Memory | undefined,
    context: CanonicalContext,
  ): CoreFunction {
    const parameters = type === null ? [] : [{ name: "result", type }];
    const codec = parametersCodec({ parameters, result: null, async: false }, MAX_FLAT_PARAMETERS);
    return (...values) => {
      this.instance.checkLeave();
      const { task } = this.scheduler.running();
      const { options } = task;
      if (!options.async) trap("`task.return` called outside of an async task");
      const isSame = isSameType(type, task.type.result) && options.encoding === context.encoding &&
        (memory === undefined || options.memory === memory); // without one, nothing is read from it
      if (!isSame) trap("invalid `task.return` signature and/or options for current task");
      context.begin();
      context.values = values;
      context.next = 0;
      const { store } = this.instance;
      const { left } = store;
      task.return(task.pass(() => codec.lift(context)[0]));
      store.left = left;
    };
  }

  taskCancel(): CoreFunction {
    return () => {
      this.instance.checkLeave();
      const { task } = this.scheduler.running();
      if (!task.options.async) trap("`task.cancel` called outside of an async task");
      task.cancel();
    };
  }

  subtaskCancel(isAsync: boolean): CoreFunction {
    return suspendable(this.scheduler, ([index]) => {
      this.instance.checkLeave();
      const subtask = this.#subtask(this.instance.handles.get(index as number), index as number);
      if (subtask.delivered) trap("`subtask.cancel` called after terminal status delivered");
      if (subtask.cancellationRequested) trap("`subtask.cancel` called again");
      if (subtask.set !== undefined && !isAsync) trap("cannot block on a subtask in a waitable set");
      return this.#cancel(subtask, isAsync);
    });
  }

  #cancel(subtask: Subtask, isAsync: boolean): Maybe<number> {
    const finish = () => {
      if (subtask.hasEvent) subtask.take();
      return subtask.state;
    };
    if (subtask.resolved) return finish();
    subtask.cancellationRequested = true;
    return after(subtask.cancel!(this.instance), () => {
      if (subtask.resolved) return finish();
      if (isAsync) return BLOCKED;
      return after(subtask.wait(this.scheduler), () => {
        // It may have started in the meantime, and not ended.
        return subtask.resolved ? finish() : after(this.#untilResolved(subtask), finish);
      });
    });
  }

  #untilResolved(subtask: Subtask): Maybe<unknown> {
    subtask.take();
    return this.scheduler.wait(() => subtask.resolved, false);
  }

  subtaskDrop(): CoreFunction {
    return (index: number) => {
      this.instance.checkLeave();
      this.#subtask(this.instance.handles.remove(index), index).drop();
    };
  }

  #subtask(entry: object, index: number): Subtask {
    return entry instanceof Subtask ? entry : trap(`handle index ${index} is not a subtask`);
  }

  backpressure(change: 1 | -1): CoreFunction {
    return () => {
      const { instance } = this;
      instance.backpressure += change;
      if (instance.backpressure < 0 || instance.backpressure === MAX_BACKPRESSURE) {
        trap("backpressure counter overflow");
      }
    };
  }

  contextGet(slot: number, isLong: boolean): CoreFunction {
    return () => {
      const value = this.scheduler.running().storage[slot]!;
      return isLong ? BigInt(value) : Number(value);
    };
  }

  contextSet(slot: number): CoreFunction {
    return (value: number | bigint) => void (this.scheduler.running().storage[slot] = value);
  }

  setNew(): CoreFunction {
    return () => {
      this.instance.checkLeave();
      return this.instance.handles.add(new WaitableSet());
    };
  }

  setWait(context: CanonicalContext, cancellable: boolean): CoreFunction {
    const { scheduler, instance } = this;
    return suspendable(scheduler, ([index, pointer]) => {
      instance.checkLeave();
      const set = waitableSet(instance, index as number);
      const deliver = (cancelled: boolean) =>
        store(context, cancelled ? CANCELLATION : set.take(), pointer as number);
      if (set.hasEvent && !scheduler.running().task.deliverPendingCancel(cancellable)) return deliver(false);
      set.waiting++;
      return after(scheduler.wait(() => set.hasEvent, cancellable), (cancelled) => {
        set.waiting--;
        return deliver(cancelled);
      });
    });
  }

  setPoll(context: CanonicalContext, cancellable: boolean): CoreFunction {
    return (index: number, pointer: number) => {
      this.instance.checkLeave();
      const set = waitableSet(this.instance, index);
      const isCancelled = this.scheduler.running().task.deliverPendingCancel(cancellable);
      return store(context, isCancelled ? CANCELLATION : set.take(), pointer);
    };
  }

  setDrop(): CoreFunction {
    return (index: number) => {
      this.instance.checkLeave();
      const set = this.instance.handles.remove(index);
      if (!(set instanceof WaitableSet)) trap(`handle index ${index} is not a waitable set`);
      set.drop();
    };
  }

  join(): CoreFunction {
    return (index: number, set: number) => {
      const { instance } = this;
      instance.checkLeave();
      const waitable = instance.handles.get(index);
      if (!(waitable instanceof Waitable)) trap(`handle index ${index} is not a waitable`);
      if (waitable.hasWaiter) trap("cannot join a waitable that a thread waits for");
      waitable.join(set === 0 ? undefined : waitableSet(instance, set));
    };
  }

  threadIndex(): CoreFunction {
    return () => {
      this.instance.checkLeave();
      return this.scheduler.running().index;
    };
  }

  /** Makes a thread that calls a function of a table with a number of the type `parameter`; it is suspended. */
  threadNew(table: WebAssembly.Table, parameter: "i32" | "i64"): CoreFunction {
    const { instance, scheduler } = this;
    const runners = new WeakMap<CoreFunction, Runner>();
    return (index: number, value: number | bigint) => {
      instance.checkLeave();
      const { task } = scheduler.running();
      const core = (index >>> 0) < table.length ? table.get(index >>> 0) as CoreFunction | null : null;
      if (core === null) trap("there is no function of that index in the table");
      let run = runners.get(core);
      if (run === undefined) runners.set(core, run = runnerOf(core, parameter));
      const thread = new Thread(task);
      task.register(thread);
      const begin = run;
      thread.wake = () =>
        begin([value], () => {
          task.unregister(thread);
          scheduler.end(thread);
        }, (error) => scheduler.fail(thread, error));
      return thread.index;
    };
  }

  threadResumeLater(): CoreFunction {
    return (index: number) => {
      this.instance.checkLeave();
      this.scheduler.resumeLater(this.#suspended(index));
    };
  }

  threadSuspend(cancellable: boolean): CoreFunction {
    return suspendable(this.scheduler, () => {
      this.instance.checkLeave();
      return after(this.scheduler.suspend(cancellable), Number);
    });
  }

  /** Gives the turn to a suspended thread; the own one is suspended then, or yields. */
  threadSwitch(isYield: boolean, cancellable: boolean): CoreFunction {
    return suspendable(this.scheduler, ([index]) => {
      this.instance.checkLeave();
      const other = this.#suspended(index as number);
      return after(this.scheduler.switchTo(other, isYield, cancellable), Number);
    });
  }

  /** Gives the turn to a thread if it is ready; the own one is suspended then, or yields. */
  threadPromote(isYield: boolean, cancellable: boolean): CoreFunction {
    const { scheduler, instance } = this;
    return suspendable(scheduler, ([index]) => {
      instance.checkLeave();
      const other = instance.threads.get(index as number);
      const switched = other.state === "blocked" && other.ready()
        ? scheduler.switchTo(other, isYield, cancellable)
        : isYield
        ? scheduler.wait(() => true, cancellable)
        : scheduler.suspend(cancellable);
      return after(switched, Number);
    });
  }

  #suspended(index: number): Thread {
    const thread = this.instance.threads.get(index);
    return thread.isSuspended ? thread : trap("cannot resume thread which is not suspended");
  }

  threadYield(cancellable: boolean): CoreFunction {
    return suspendable(this.scheduler, () => {
      this.instance.checkLeave();
      return after(this.scheduler.wait(() => true, cancellable), Number);
    });
  }
}

function runnerOf(core: CoreFunction, parameter: "i32" | "i64"): Runner {
  try {
    return makeRunner(core, [parameter], []);
  } catch (error) {
    if (!(error instanceof WebAssembly.LinkError)) throw error;
    trap("the function of that index in the table is of another type");
  }
}

const CANCELLATION: Event = [EventCode.TASK_CANCELLED, 0, 0];
const U32 = codecOf({ kind: "u32", depth: 0 });

/** Writes the two numbers of an event at `pointer` and returns its code (Canonical ABI, `unpack_event`). */
function store(context: CanonicalContext, [code, first, second]: Event, pointer: number): number {
  context.begin();
  context.check(pointer >>> 0, 8, 4);
  U32.store(context, first >>> 0, pointer >>> 0);
  U32.store(context, second >>> 0, (pointer >>> 0) + 4);
  return code;
}
