import type { ComponentInstance } from "./component_instance.ts";
import type { FunctionType } from "./types.ts";

/** What becomes of a result: lowered into the caller, or kept; `out` is what the caller has said about where to. */
export type Resolve = (result: unknown, out: number) => unknown;

/** A function of a component, or of the host. */
export interface ComponentFunction {
  /** What it takes and returns. */
  readonly type: FunctionType;
  /** Whether a call may return a promise. */
  readonly waits: boolean;
  /**
   * Calls it with values of its types, and returns what `resolve` makes of the result.
   *
   * @throws {UnfitValue} for an argument that does not fit, before anything of a guest has run but its allocator.
   */
  call(
    args: readonly unknown[],
    caller: ComponentInstance | undefined,
    resolve: Resolve,
    out: number,
  ): unknown;
}

/** Keeps a result as it is, for the host. */
export const KEEP: Resolve = (result) => result;
