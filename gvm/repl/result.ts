/** A value that a function can return today. */
export type ResultValue = number | bigint | boolean;

/**
 * How the result of a call prints: `3`, `[1, 2]` for several, undefined for none. An i64 prints as plain digits, and
 * zero keeps its sign.
 */
export function formatResult(result: ResultValue | readonly ResultValue[] | undefined): string | undefined {
  if (!isList(result)) return result === undefined ? undefined : formatValue(result);
  if (result.length > 1) return `[${result.map(formatValue).join(", ")}]`;
  return result[0] === undefined ? undefined : formatValue(result[0]);
}

function isList(result: unknown): result is readonly ResultValue[] {
  return Array.isArray(result);
}

function formatValue(value: ResultValue): string {
  return Object.is(value, -0) ? "-0" : String(value);
}
