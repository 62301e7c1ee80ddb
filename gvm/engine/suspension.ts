import { type CoreFunction, suspending } from "../component/promise_integration.ts";
import type { Suspension } from "../component/suspension.ts";

/** `plain` as an import that suspends the guest for a promise. */
export function suspendable(
  plain: (...args: (number | bigint)[]) => unknown,
  { suspended, resumed }: Suspension,
): CoreFunction {
  return suspending((...args: (number | bigint)[]) => {
    const result = plain(...args);
    if (!(result instanceof Promise)) return result;
    suspended();
    // V8 resumes the guest in its own reaction to this promise: right after ours, with nothing in between.
    result.then(resumed, resumed);
    return result;
  });
}
