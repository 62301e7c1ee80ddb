/** WebAssembly's JavaScript Promise Integration, which TypeScript's library does not declare yet. */
const PromiseIntegration = WebAssembly as unknown as {
  // deno-lint-ignore ban-types -- the specification takes any callable
  Suspending: new (callable: Function) => WebAssembly.ImportValue;
  promising(exported: WebAssembly.ExportValue): (...args: unknown[]) => Promise<unknown>;
};

/**
 * Wraps an exported function so that a call returns a promise and its imports may wait (JSPI, "promising").
 */
export const promising = PromiseIntegration.promising;

/** Called around each wait of the guest, so that the watch knows when it has the thread. */
export interface Suspension {
  /** The guest gives the thread back. */
  readonly suspended: () => void;
  /** The guest continues, before anything else does. */
  readonly resumed: () => void;
}

/** `plain` as an import that suspends the guest for a promise. */
export function suspendable(
  plain: (...args: (number | bigint)[]) => unknown,
  { suspended, resumed }: Suspension,
): WebAssembly.ImportValue {
  return new PromiseIntegration.Suspending((...args: (number | bigint)[]) => {
    const result = plain(...args);
    if (!(result instanceof Promise)) return result;
    suspended();
    // V8 resumes the guest in its own reaction to this promise: right after ours, with nothing in between.
    result.then(resumed, resumed);
    return result;
  });
}
