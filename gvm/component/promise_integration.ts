/** A function as core WebAssembly calls it, or as it is called from JavaScript. */
// deno-lint-ignore no-explicit-any -- core values: numbers and bigints
export type CoreFunction = (...values: any[]) => any;

/** WebAssembly's JavaScript Promise Integration, which TypeScript's library does not declare yet. */
const { promising, Suspending } = WebAssembly as unknown as {
  promising(exported: CoreFunction): CoreFunction;
  Suspending: new (callable: CoreFunction) => object;
};

const PLAIN = new WeakMap<object, CoreFunction>();

/** An import that suspends its caller while the promise that it returns is pending. */
export function suspending(callable: CoreFunction): CoreFunction {
  const wrapped = new Suspending(callable);
  PLAIN.set(wrapped, callable);
  return wrapped as CoreFunction;
}

/** `callable` as JavaScript calls it: a core function that is only an import otherwise returns a promise, or not. */
export function plainFunction(callable: CoreFunction): CoreFunction {
  return PLAIN.get(callable) ?? callable;
}

/** `callable` so that it returns a promise, and what it imports may suspend it. */
export function promisingFunction(callable: CoreFunction): CoreFunction {
  return PLAIN.get(callable) ?? promising(callable);
}
