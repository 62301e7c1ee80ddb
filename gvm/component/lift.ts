import { type CanonicalContext, giveBack, type Lent } from "./canonical_context.ts";
import { codecOf } from "./codec.ts";
import type { ComponentFunction, Resolve } from "./component_function.ts";
import { type ComponentInstance, enter, leave } from "./component_instance.ts";
import { MAX_FLAT_PARAMETERS } from "./layout.ts";
import { lowerArguments, type ParametersCodec, parametersCodec } from "./parameters.ts";
import { type CoreFunction, plainFunction, promisingFunction } from "./promise_integration.ts";
import type { BorrowScope } from "./resources.ts";
import { isRefusal, trap } from "./trap.ts";
import type { FunctionType } from "./types.ts";

/** What makes a function of a component out of a core function (Canonical ABI, `canon lift`). */
interface Lifting {
  readonly core: CoreFunction;
  readonly type: FunctionType;
  /** Whose memory and handles it uses. */
  readonly context: CanonicalContext;
  readonly postReturn: CoreFunction | undefined;
  /** Whether something that it calls may suspend it. */
  readonly waits: boolean;
}

const NO_VALUES: (number | bigint)[] = [];

/** Lifts a core function that returns its result (Canonical ABI, `canon_lift` without `async`). */
export function liftFunction(lifting: Lifting): ComponentFunction {
  return new LiftedFunction(lifting);
}

/** What a call under way needs when its core function has returned. */
interface Frame {
  readonly entered: readonly ComponentInstance[];
  readonly scope: BorrowScope | undefined;
  readonly lent: readonly Lent[] | undefined;
}

class LiftedFunction implements ComponentFunction {
  readonly type: FunctionType;
  readonly waits: boolean;
  readonly #core: CoreFunction;
  readonly #cx: CanonicalContext;
  readonly #postReturn: CoreFunction | undefined;
  /** Prepared with the first call. */
  #parameters: ParametersCodec | undefined;
  #result: ((cx: CanonicalContext) => unknown) | undefined;
  /** What a caller enters, for the caller that called last. */
  #caller: ComponentInstance | undefined;
  #entered: readonly ComponentInstance[];

  constructor({ core, type, context, postReturn, waits }: Lifting) {
    this.type = type;
    this.waits = waits;
    this.#core = waits ? promisingFunction(core) : plainFunction(core);
    this.#cx = context;
    this.#postReturn = postReturn;
    this.#entered = context.instance.ancestry;
  }

  call(
    args: readonly unknown[],
    caller: ComponentInstance | undefined,
    resolve: Resolve,
    out: number,
  ): unknown {
    if (this.#parameters === undefined) this.#prepare();
    const entered = this.#enter(caller);
    const cx = this.#cx;
    const scope = this.#parameters!.borrows ? { borrows: 0 } : undefined;
    const values = this.#lower(args, scope, entered, caller === undefined);
    const frame = { entered, scope, lent: cx.lent };
    cx.lent = undefined;
    const returned = this.#core(...values);
    return this.waits
      ? (returned as Promise<unknown>).then((value) => this.#return(value, frame, resolve, out))
      : this.#return(returned, frame, resolve, out);
  }

  #prepare(): void {
    const { result } = this.type;
    this.#parameters = parametersCodec(this.type, MAX_FLAT_PARAMETERS);
    this.#result = result === null ? () => undefined : resultReader(codecOf(result));
  }

  #enter(caller: ComponentInstance | undefined): readonly ComponentInstance[] {
    if (caller !== this.#caller) {
      this.#cx.instance.checkCaller(caller);
      this.#caller = caller;
      this.#entered = this.#cx.instance.entered(caller);
    }
    enter(this.#entered);
    return this.#entered;
  }

  #lower(
    args: readonly unknown[],
    scope: BorrowScope | undefined,
    entered: readonly ComponentInstance[],
    ofProgram: boolean,
  ): (number | bigint)[] {
    try {
      return lowerArguments(this.#parameters!, this.#cx, args, scope, ofProgram);
    } catch (error) {
      if (isRefusal(error)) leave(entered); // the guest has done nothing yet, and goes on
      throw error;
    }
  }

  #return(returned: unknown, { entered, scope, lent }: Frame, resolve: Resolve, out: number): unknown {
    const cx = this.#cx;
    cx.begin();
    cx.next = 0;
    cx.values = returned === undefined ? NO_VALUES : [returned as number];
    const result = this.#result!(cx);
    if (scope !== undefined && scope.borrows > 0) trap("borrow handles still remain at the end of the call");
    const resolved = resolve(result, out);
    if (this.#postReturn !== undefined) this.#cleanUp(returned);
    leave(entered);
    if (lent !== undefined) giveBack(lent);
    return resolved;
  }

  #cleanUp(returned: unknown): void {
    const { instance } = this.#cx;
    instance.mayLeave = false;
    if (returned === undefined) this.#postReturn!();
    else this.#postReturn!(returned);
    instance.mayLeave = true;
  }
}

/** Reads a result from the one core value there is: itself, or where it is in memory. */
export function resultReader({ flat, size, alignment, weight, lift, load }: ReturnType<typeof codecOf>) {
  if (flat.length <= 1) {
    return (cx: CanonicalContext): unknown => {
      cx.instance.store.charge(weight);
      return lift(cx);
    };
  }
  return (cx: CanonicalContext): unknown => {
    const at = (cx.values[0] as number) >>> 0;
    cx.check(at, size, alignment);
    cx.instance.store.charge(weight);
    return load(cx, at);
  };
}
