import { GhostError } from "../errors.ts";
import { showName } from "./quote.ts";
import type { CallableSignature } from "./signature.ts";
import { codecOf, type ValueCodec } from "./value_codec.ts";
import {
  cut,
  describeType,
  DESCRIPTIONS,
  type NumberType,
  type ValueDescription,
  type ValueTypes,
} from "./value_types.ts";

/** A value that crosses the wire: an i64 is a bigint, all others are numbers. */
export type WasmNumber = ValueTypes[NumberType]["value"];

/** What a function returns: nothing, its one result, or its several results in order. */
export type CallResult = undefined | WasmNumber | readonly WasmNumber[];

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
 * Nothing else is converted: a string, `null` or an object is the caller's mistake.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` naming the count, or the first argument that does not fit and its position.
 */
export function checkArguments(name: string, signature: CallableSignature, args: readonly unknown[]): void {
  const types = signature.parameters;
  if (args.length !== types.length) {
    const list = types.length === 0 ? "" : ` (${types.join(", ")})`;
    throw new GhostError(
      "BAD_ARGUMENTS",
      `Cannot call ${showName(name)}: it takes ${count(types.length)}${list}, not ${args.length}`,
      { details: { expected: types.length, given: args.length } },
    );
  }
  for (let i = 0; i < types.length; i++) {
    const type = DESCRIPTIONS[types[i]!];
    if (!type.accepts(args[i])) throw doesNotFit(name, type, args[i], i + 1);
  }
}

function doesNotFit(name: string, type: ValueDescription, value: unknown, position: number): GhostError {
  const isNumeric = typeof value === "number" || typeof value === "bigint";
  const expected = isNumeric ? type.expected(value) : `an ${type.name}`;
  return new GhostError(
    "BAD_ARGUMENTS",
    `Cannot call ${showName(name)}: argument ${position} is ${showValue(value)}, not ${expected}`,
    { details: { position, expected: type.name } },
  );
}

function showValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(cut(value, 40));
    case "bigint":
      return cut(`${value}n`, 40);
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "an array" : "an object";
    default:
      return `a ${typeof value}`;
  }
}

function count(length: number): string {
  return length === 0 ? "no arguments" : length === 1 ? "1 argument" : `${length} arguments`;
}

/** What the caller of a function gets, from the values of its RESULT. */
export function resultOf(values: readonly WasmNumber[]): CallResult {
  return values.length === 0 ? undefined : values.length === 1 ? values[0] : values;
}

/**
 * The `length` values of a RESULT, from what a WebAssembly function returned: the reverse of {@linkcode resultOf}.
 */
export function valuesOf(result: unknown, length: number): readonly unknown[] {
  return length === 0 ? [] : length === 1 ? [result] : result as readonly unknown[];
}
