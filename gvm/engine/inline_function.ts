import type { CallableSignature } from "../../gmp/types/signature.ts";
import { describeType } from "../../gmp/types/value_types.ts";
import { type CallResult, checkArguments } from "../../gmp/types/values.ts";
import type { FunctionCall } from "./function_instance.ts";

/** A WebAssembly function as JavaScript calls it. */
export type Callable = (...args: unknown[]) => unknown;

/** An exported function that can be called directly, until its instance is dropped. */
export interface DirectCall {
  /** The function. */
  readonly callable: Callable;
  /** Its instance, to be told about each call. */
  readonly instance: {
    readonly dropped: boolean;
    /** Why a call in it has to end, although the guest may go on. */
    readonly stopped: Error | undefined;
    begin(call: FunctionCall): void;
  };
}

/** How an inline function is called, directly or otherwise. */
interface InlineTarget {
  /** The exported function while it can be called directly: its instance exists, and it does not wait. */
  direct(): DirectCall | undefined;
  /** The call that its instance gets for each direct call. */
  readonly directCall: FunctionCall;
  /** Calls it any other way. */
  call(args: readonly unknown[]): CallResult | Promise<CallResult>;
  /** The caller's error for `error`, which a direct call threw; drops the instance. */
  failed(error: unknown): Error;
}

type Fits = (value: unknown) => boolean;

/**
 * A JavaScript function that calls `target` in this process, with `advice` on what to compile with for other values than
 * numbers. Up to three arguments are checked and passed one by one: measured with two, 7 ns a call where V8 itself takes 6.6 ns, and 15 ns for the general form.
 */
export function inlineCallable(
  name: string,
  signature: CallableSignature,
  target: InlineTarget,
  advice: string | undefined,
): (...args: unknown[]) => CallResult | Promise<CallResult> {
  const parameters = signature.parameters.map(describeType);
  // What does not fit goes the way on which it is converted or refused.
  const fits = parameters.map(({ isDirect }) => isDirect);
  const [fitsA, fitsB, fitsC] = fits as [Fits, Fits, Fits];
  const other = (args: readonly unknown[]): CallResult | Promise<CallResult> => {
    checkArguments(name, signature, args, advice);
    // As on the wire: WebAssembly itself takes bigints only for an i64.
    return target.call(parameters.map((type, i) => type.convert(args[i])));
  };
  const { directCall } = target;
  let held: DirectCall | undefined;
  const begin = (): Callable | undefined => {
    if (held === undefined || held.instance.dropped) held = target.direct();
    held?.instance.begin(directCall);
    return held?.callable;
  };
  /** `result`, unless the guest has caught what ends the call. */
  const checked = (result: unknown): CallResult => {
    if (held!.instance.stopped !== undefined) throw held!.instance.stopped;
    return result as CallResult;
  };
  switch (parameters.length) {
    case 0:
      return function () {
        const direct = begin();
        if (direct === undefined || arguments.length !== 0) return other([...arguments]);
        try {
          return checked(direct());
        } catch (error) {
          throw target.failed(error);
        }
      };
    case 1:
      return function (a) {
        const direct = begin();
        if (direct === undefined || arguments.length !== 1 || !fitsA(a)) return other([...arguments]);
        try {
          return checked(direct(a));
        } catch (error) {
          throw target.failed(error);
        }
      };
    case 2:
      return function (a, b) {
        const direct = begin();
        if (direct === undefined || arguments.length !== 2 || !fitsA(a) || !fitsB(b)) {
          return other([...arguments]);
        }
        try {
          return checked(direct(a, b));
        } catch (error) {
          throw target.failed(error);
        }
      };
    case 3:
      return function (a, b, c) {
        const direct = begin();
        if (direct === undefined || arguments.length !== 3 || !fitsA(a) || !fitsB(b) || !fitsC(c)) {
          return other([...arguments]);
        }
        try {
          return checked(direct(a, b, c));
        } catch (error) {
          throw target.failed(error);
        }
      };
    default:
      return (...args) => other(args);
  }
}
