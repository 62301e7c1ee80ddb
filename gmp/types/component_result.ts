import { GhostError } from "../errors.ts";
import type { ComponentSignature } from "./component_types.ts";
import { showValue } from "./misfit.ts";
import { showName } from "./quote.ts";

/**
 * What the caller of the function `name` of a component gets, from its result: of a `result` the value of `ok`.
 *
 * @throws {GhostError} `FUNCTION_FAILED` with the error of a `result` as its payload.
 */
export function unwrapResult(name: string, { types, result }: ComponentSignature, value: unknown): unknown {
  if (typeof result !== "number" || types[result]![0] !== "result") return value;
  const { tag, val } = value as { tag: "ok" | "err"; val?: unknown };
  if (tag === "ok") return val;
  const what = val === undefined ? "an error" : `the error ${showValue(val)}`;
  throw new GhostError("FUNCTION_FAILED", `${showName(name)} returned ${what}`, { payload: val });
}
