import { GhostError } from "../errors.ts";
import { showValue } from "./misfit.ts";
import { showName } from "./quote.ts";
import type { CallableSignature } from "./signature.ts";
import { codecOf, type ValueCodec } from "./value_codec.ts";
import { describeType, DESCRIPTIONS, type NumberType, type ValueTypes } from "./value_types.ts";

/** A value that crosses the wire: an i64 is a bigint, all others are numbers. */
export type WasmNumber = ValueTypes[NumberType]["value"];

/** What a function of a core module returns: nothing, its one result, or its several results in order. */
export type NumberResult = undefined | WasmNumber | readonly WasmNumber[];

/**
 * What a function returns: one of a core module numbers, or nothing; one of a component a value of its type. That is a
 * boolean, number, bigint or string; an array, which is typed where the elements are numbers; an object with camelCase
 * fields for a record, of booleans for flags, `{ tag, val }` for a variant; a `Map`; a `Resource`.
 */
export type CallResult = NumberResult | boolean | string | object;

/**
 * A codec for values of `types` (docs/protocol.md, "CALL and RESULT"). Make it once per signature.
 *
 * @throws {GhostError} `UNSUPPORTED_SIGNATURE` for an unknown type.
 */
export function prepareCodec(types: readonly NumberType[]): ValueCodec<WasmNumber> {
  return codecOf(types.map(describeType));
}

/**
 * Checks that `args` can be passed to `name`, before anything is written:
 *
 * - an i32 takes an integer from -2^31 to 2^32-1 (the upper half wraps, as `0xffffffff` is -1), as a number or a bigint,
 *   or a boolean as 0 or 1;
 * - an i64 takes a bigint from -2^63 to 2^64-1 (the upper half wraps) or a safe integer: a number beyond 2^53 may have
 *   been rounded before it came here, so it is refused;
 * - an f32 or f64 takes any number, NaN and the infinities too, which an f32 rounds as `Math.fround` does, or a bigint
 *   that it represents exactly: a bigint is never rounded.
 *
 * Nothing else is converted: a string, `null` or an object is the caller's mistake, who then gets `advice`, if there is any,
 * on what to compile with for other values than numbers.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` naming the count, or the first argument that does not fit and its position.
 */
export function checkArguments(
  name: string,
  signature: CallableSignature,
  args: readonly unknown[],
  advice?: string,
): void {
  const types = signature.parameters;
  if (args.length !== types.length) {
    const list = types.length === 0 ? "" : ` (${types.join(", ")})`;
    const reason = `it takes ${count(types.length)}${list}, not ${args.length}`;
    throw refusal(name, reason, { expected: types.length, given: args.length }, args, advice);
  }
  for (let i = 0; i < types.length; i++) {
    const type = DESCRIPTIONS[types[i]!];
    const value = args[i];
    if (type.accepts(value)) continue;
    const isNumeric = typeof value === "number" || typeof value === "bigint";
    const expected = isNumeric ? type.expected(value) : `an ${type.name}`;
    const reason = `argument ${i + 1} is ${showValue(value)}, not ${expected}`;
    throw refusal(name, reason, { position: i + 1, expected: type.name }, args, advice);
  }
}

function refusal(
  name: string,
  reason: string,
  details: Record<string, unknown>,
  args: readonly unknown[],
  advice: string | undefined,
): GhostError {
  const advised = advice === undefined || args.every(isNumeric) ? undefined : advice;
  const message = `Cannot call ${showName(name)}: ${reason}${advised === undefined ? "" : `; ${advised}`}`;
  return new GhostError("BAD_ARGUMENTS", message, {
    details: advised === undefined ? details : { ...details, advice: advised },
  });
}

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
}

function count(length: number): string {
  return length === 0 ? "no arguments" : length === 1 ? "1 argument" : `${length} arguments`;
}

/** What the caller of a function gets, from the values of its RESULT. */
export function resultOf(values: readonly WasmNumber[]): NumberResult {
  return values.length === 0 ? undefined : values.length === 1 ? values[0] : values;
}

/**
 * The `length` values of a RESULT, from what a WebAssembly function returned: the reverse of {@linkcode resultOf}.
 */
export function valuesOf(result: unknown, length: number): readonly unknown[] {
  return length === 0 ? [] : length === 1 ? [result] : result as readonly unknown[];
}
