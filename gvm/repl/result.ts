import type { NumberType } from "../../gmp/types/signature.ts";

/** A value that a function can return today. */
type ResultValue = number | bigint | boolean;

/** Significant digits that tell any two f32 apart. */
const F32_DIGITS = 9;

/**
 * How the result of a call prints: `3`, `[1, 2]` for several, undefined for none. An i64 prints as plain digits, zero
 * keeps its sign, and one of `types` that is f32 has as few digits as it takes to tell it from others: `0.1`.
 */
export function formatResult(
  result: ResultValue | readonly ResultValue[] | undefined,
  types: readonly NumberType[],
): string | undefined {
  if (result === undefined) return undefined;
  if (!isList(result)) return formatValue(result, types[0]);
  if (result.length === 0) return undefined;
  const values = result.map((value, i) => formatValue(value, types[i]));
  return values.length > 1 ? `[${values.join(", ")}]` : values[0];
}

function isList(result: unknown): result is readonly ResultValue[] {
  return Array.isArray(result);
}

function formatValue(value: ResultValue, type: NumberType | undefined): string {
  if (Object.is(value, -0)) return "-0";
  return typeof value === "number"
    ? formatNumber(type === "f32" ? shortest(value) : value, type)
    : String(value);
}

/**
 * As the prompt reads it back. Digits of an integer are taken for what they say, so beyond the safe range all of them are
 * given, and not the zeros with which JavaScript fills up what it has rounded; an f32 has an exponent there.
 */
function formatNumber(value: number, type: NumberType | undefined): string {
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return String(value);
  if (type === "f32") return value.toExponential();
  return Math.abs(value) < 1e21 ? String(BigInt(value)) : String(value);
}

/** The number with the fewest digits whose f32 is `value`, which is one; as it is when it is none. */
function shortest(value: number): number {
  for (let digits = 1; digits <= F32_DIGITS; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
