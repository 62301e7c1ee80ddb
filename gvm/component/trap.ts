import { GhostError } from "../../gmp/errors.ts";

/**
 * What ends a component's instance, as a trap of core WebAssembly does (component-model, Canonical ABI, `trap_if`).
 */
export class ComponentTrap extends Error {
  /** Its name. */
  override readonly name = "ComponentTrap";
}

/** Ends the instance: `reason` says what the guest did wrong. */
export function trap(reason: string): never {
  throw new ComponentTrap(reason);
}

/** A value from JavaScript that is not of its type; `path` leads to it from the outside in. */
export class UnfitValue extends TypeError {
  /** The names of the fields and the indices, the outermost first. */
  readonly path: (string | number)[] = [];

  /** `expected` is what should be there: `"a string"`. */
  constructor(readonly expected: string, readonly value: unknown) {
    super(`a value is not ${expected}`);
  }
}

/** Refuses `value`. */
export function unfit(expected: string, value: unknown): never {
  throw new UnfitValue(expected, value);
}

/** The error for what the host gives: that it does not fit is its own mistake, not that of who calls. */
export function ofHost(error: unknown): unknown {
  if (!(error instanceof UnfitValue)) return error;
  return new TypeError(
    `What an import returned is not ${error.expected}: ${["result", ...error.path].join(".")}`,
  );
}

/** Whether arguments were refused, before the guest did anything with them. */
export function isRefusal(error: unknown): boolean {
  return error instanceof UnfitValue ||
    error instanceof GhostError && (error.code === "BAD_ARGUMENTS" || error.code === "RESOURCE_GONE");
}

/** Runs `lower` for the part `name` of a value, so that an error says where it is. */
export function rethrowAt(error: unknown, name: string | number): never {
  if (error instanceof UnfitValue) error.path.unshift(name);
  throw error;
}
