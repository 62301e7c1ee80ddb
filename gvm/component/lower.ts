import { type CanonicalContext, giveBack, type Lent } from "./canonical_context.ts";
import { type Codec, codecOf } from "./codec.ts";
import type { ComponentFunction, Resolve } from "./component_function.ts";
import { MAX_FLAT_PARAMETERS } from "./layout.ts";
import { type ParametersCodec, parametersCodec } from "./parameters.ts";
import { type CoreFunction, suspending } from "./promise_integration.ts";
import type { Type } from "./types.ts";

/**
 * Makes a core function out of a function of a component or of the host (Canonical ABI, `canon_lower` without `async`):
 * it lifts the arguments from the caller's memory, and lowers the result there.
 */
export function lowerFunction(callee: ComponentFunction, context: CanonicalContext): CoreFunction {
  const lowered = new LoweredFunction(callee, context);
  const call: CoreFunction = (...values) => lowered.call(values);
  return callee.waits ? suspending(call) : call;
}

class LoweredFunction {
  readonly #callee: ComponentFunction;
  readonly #cx: CanonicalContext;
  #parameters: ParametersCodec | undefined;
  #hasOut = false;
  #resolve: Resolve | undefined;

  constructor(callee: ComponentFunction, context: CanonicalContext) {
    this.#callee = callee;
    this.#cx = context;
  }

  call(values: (number | bigint)[]): unknown {
    const cx = this.#cx;
    const { instance } = cx;
    instance.checkLeave();
    if (this.#resolve === undefined) this.#prepare();
    const { left } = instance.store;
    const out = this.#hasOut ? (values[values.length - 1] as number) >>> 0 : 0;
    cx.begin();
    cx.values = values;
    cx.next = 0;
    const args = this.#parameters!.lift(cx);
    const { lent } = cx;
    cx.lent = undefined;
    const returned = this.#callee.call(args, instance, this.#resolve!, out);
    if (returned instanceof Promise) {
      return returned.then((value) => {
        this.#end(left, lent);
        return value;
      });
    }
    this.#end(left, lent);
    return returned;
  }

  /** What was lifted for the call is garbage now. */
  #end(left: number, lent: readonly Lent[] | undefined): void {
    this.#cx.instance.store.left = left;
    if (lent !== undefined) giveBack(lent);
  }

  #prepare(): void {
    const { type } = this.#callee;
    this.#parameters = parametersCodec(type, MAX_FLAT_PARAMETERS);
    this.#hasOut = type.result !== null && codecOf(type.result).flat.length > 1;
    this.#resolve = lowerResult(this.#cx, type.result, this.#hasOut);
  }
}

/** Lowers a result into the caller: as its one core value, or to where the caller wants it. */
export function lowerResult(cx: CanonicalContext, type: Type | null, hasOut: boolean): Resolve {
  if (type === null) return () => undefined;
  const codec: Codec = codecOf(type);
  if (hasOut) {
    return (result, out) => {
      cx.begin();
      cx.check(out, codec.size, codec.alignment);
      codec.store(cx, result, out);
    };
  }
  return (result) => {
    cx.begin();
    const values: (number | bigint)[] = cx.values = [];
    codec.lower(cx, result);
    return values[0];
  };
}
