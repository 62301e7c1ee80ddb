import type { ComponentFunction } from "./component_function.ts";
import type { ComponentInstance } from "./component_instance.ts";
import { after, type Maybe } from "./maybe.ts";
import type { Scheduler } from "./scheduler.ts";
import { ofHost } from "./trap.ts";

/** Asks a call to end (Canonical ABI, `OnCancel`). */
export type Cancel = (caller: ComponentInstance | undefined) => Maybe<void>;

/** A function that may go on after it has given its caller the thread back (Canonical ABI, `FuncInst`). */
export interface AsyncFunction extends ComponentFunction {
  /**
   * Begins a call: it takes its arguments from `onStart` and gives its result to `onResolve`, each perhaps later; what it returns
   * is there when it gives the thread back.
   */
  begin(
    onStart: () => readonly unknown[],
    onResolve: (result: unknown) => void,
    caller: ComponentInstance | undefined,
  ): Maybe<Cancel>;
}

/** Begins a call of any function; one of the host returns a promise if it is declared `async` and not done. */
export function begin(
  callee: ComponentFunction,
  scheduler: Scheduler,
  onStart: () => readonly unknown[],
  onResolve: (result: unknown) => void,
  caller: ComponentInstance,
): Maybe<Cancel> {
  if ("begin" in callee) return (callee as AsyncFunction).begin(onStart, onResolve, caller);
  const cannot = () => {};
  if (!callee.type.async) {
    return after(callee.call(onStart(), caller, (result) => void onResolve(result), 0), () => cannot);
  }
  const resolve = (value: unknown) => {
    try {
      onResolve(value);
    } catch (error) {
      throw ofHost(error);
    }
  };
  const result = callee.call(onStart(), caller, (value) => value, 0);
  if (result instanceof Promise) scheduler.host.call(result, resolve);
  else resolve(result);
  return cannot;
}
