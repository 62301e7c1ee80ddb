import type { CanonicalContext } from "./canonical_context.ts";
import { codecOf } from "./codec.ts";
import type { ComponentFunction, Resolve } from "./component_function.ts";
import type { ComponentInstance } from "./component_instance.ts";
import { MAX_FLAT_ASYNC_PARAMETERS, MAX_FLAT_PARAMETERS } from "./layout.ts";
import { lowerResult } from "./lower.ts";
import { type ParametersCodec, parametersCodec } from "./parameters.ts";
import { type CoreFunction, suspending } from "./promise_integration.ts";
import { begin, type Cancel } from "./async_function.ts";
import { isCancelled } from "./task_function.ts";
import { after, type Maybe } from "./maybe.ts";
import type { Scheduler } from "./scheduler.ts";
import { EventCode, Subtask, SubtaskState } from "./waitable.ts";

/** Lowers a function in a component that uses WASI 0.3 (Canonical ABI, `canon_lower`). */
export function lowerTask(
  callee: ComponentFunction,
  context: CanonicalContext,
  isAsync: boolean,
  scheduler: Scheduler,
): CoreFunction {
  const lowered = new LoweredTask(callee, context, isAsync, scheduler);
  const call = (values: (number | bigint)[]) => lowered.call(values);
  return suspendable(scheduler, call);
}

/** A core function that may have to wait, after which the same thread runs as before. */
export function suspendable(
  scheduler: Scheduler,
  call: (values: (number | bigint)[]) => unknown,
): CoreFunction {
  return suspending((...values) => {
    const thread = scheduler.current;
    const result = call(values);
    if (!(result instanceof Promise)) return result;
    return result.then((value) => {
      scheduler.current = thread;
      return value;
    });
  });
}

class LoweredTask {
  readonly #callee: ComponentFunction;
  readonly #cx: CanonicalContext;
  readonly #isAsync: boolean;
  readonly #scheduler: Scheduler;
  #parameters: ParametersCodec | undefined;
  #hasOut = false;
  #resolve: Resolve | undefined;

  constructor(callee: ComponentFunction, context: CanonicalContext, isAsync: boolean, scheduler: Scheduler) {
    this.#callee = callee;
    this.#cx = context;
    this.#isAsync = isAsync;
    this.#scheduler = scheduler;
  }

  call(values: (number | bigint)[]): unknown {
    const { instance } = this.#cx;
    instance.checkLeave();
    if (this.#resolve === undefined) this.#prepare();
    const subtask = new Subtask();
    const progress = { made: () => {} };
    const begun = begin(
      this.#callee,
      this.#scheduler,
      () => this.#start(subtask, values, progress),
      (result) => this.#resolved(subtask, values, result, progress),
      instance,
    );
    return after(begun as Maybe<Cancel>, (cancel) => {
      subtask.cancel = cancel;
      return this.#isAsync ? this.#packed(subtask, progress) : this.#finished(subtask);
    });
  }

  #prepare(): void {
    const { type } = this.#callee;
    const isAsync = this.#isAsync;
    this.#parameters = parametersCodec(type, isAsync ? MAX_FLAT_ASYNC_PARAMETERS : MAX_FLAT_PARAMETERS);
    this.#hasOut = type.result !== null && (isAsync || codecOf(type.result).flat.length > 1);
    this.#resolve = lowerResult(this.#cx, type.result, this.#hasOut);
  }

  #start(subtask: Subtask, values: (number | bigint)[], progress: Progress): readonly unknown[] {
    progress.made();
    subtask.state = SubtaskState.STARTED;
    const cx = this.#cx;
    // A call may begin long after it was made, and what it was given is soon in the memory of whom it calls.
    const { store } = cx.instance;
    const { left } = store;
    cx.begin();
    cx.values = values;
    cx.next = 0;
    const args = this.#parameters!.lift(cx);
    subtask.lent = cx.lent;
    cx.lent = undefined;
    store.left = left;
    return args;
  }

  #resolved(subtask: Subtask, values: (number | bigint)[], result: unknown, progress: Progress): void {
    progress.made();
    if (isCancelled(result)) {
      subtask.state = subtask.state === SubtaskState.STARTING
        ? SubtaskState.CANCELLED_BEFORE_STARTED
        : SubtaskState.CANCELLED_BEFORE_RETURNED;
      return;
    }
    const out = this.#hasOut ? (values[values.length - 1] as number) >>> 0 : 0;
    subtask.flat = this.#resolve!(result, out);
    subtask.state = SubtaskState.RETURNED;
  }

  /** The result, for which a synchronous caller waits. */
  #finished(subtask: Subtask): unknown {
    const waited = subtask.resolved ? false : this.#scheduler.wait(() => subtask.resolved, false);
    return after(waited, () => {
      subtask.deliver();
      return subtask.flat;
    });
  }

  /** The state, and the number of the subtask if it goes on. */
  #packed(subtask: Subtask, progress: Progress): number {
    if (subtask.resolved) {
      subtask.deliver();
      return SubtaskState.RETURNED;
    }
    const { instance } = this.#cx;
    const index = addSubtask(instance, subtask);
    progress.made = () =>
      subtask.happened(() => {
        if (subtask.resolved) subtask.deliver();
        return [EventCode.SUBTASK, index, subtask.state];
      });
    return subtask.state | index << 4;
  }
}

/** Called when a subtask starts or resolves. */
interface Progress {
  made: () => void;
}

function addSubtask(instance: ComponentInstance, subtask: Subtask): number {
  return instance.handles.add(subtask);
}
