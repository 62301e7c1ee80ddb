import { describeType, type NumberType } from "../../gmp/types/value_types.ts";
import type { CallResult, WasmNumber } from "../../gmp/types/values.ts";

/**
 * A call's result as text: `3`, `[1, 2]` for several, undefined for none; each value as its type prints it.
 */
export function formatResult(
  result: CallResult,
  types: readonly NumberType[],
): string | undefined {
  if (result === undefined) return undefined;
  if (!isList(result)) return describeType(types[0]!).print(result);
  if (result.length === 0) return undefined;
  const values = result.map((value, i) => describeType(types[i]!).print(value));
  return values.length > 1 ? `[${values.join(", ")}]` : values[0];
}

function isList(result: CallResult): result is readonly WasmNumber[] {
  return Array.isArray(result);
}
