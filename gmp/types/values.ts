import { GhostError } from "../errors.ts";
import { showName } from "./quote.ts";
import type { CallableSignature, NumberType } from "./signature.ts";

/** A value that crosses the wire: an i64 is a bigint, all others are numbers. */
export type WasmNumber = number | bigint;

/** What a function gives back: nothing, its one result, or its several results in order. */
export type CallResult = undefined | WasmNumber | readonly WasmNumber[];

/** Writes and reads the values of a CALL or RESULT, without names or tags; made by {@linkcode prepareCodec}. */
export interface ValueCodec {
  /** Bytes of all values together. */
  readonly byteLength: number;
  /** Writes `values`, checked by {@linkcode checkArguments} or made by WebAssembly, into the `byteLength` at `offset`. */
  write(view: DataView, offset: number, values: readonly unknown[]): void;
  /**
   * Reads the values from the `length` bytes at `offset`: an i32 signed, an i64 as a signed bigint.
   *
   * @throws {GhostError} `BAD_REQUEST` when `length` is not `byteLength`.
   */
  read(view: DataView, offset: number, length: number): WasmNumber[];
}

/**
 * A codec for values of `types` (docs/protocol.md, "CALL and RESULT"): little-endian, i32 and f32 in 4 bytes, i64 and
 * f64 in 8.
 * Make it once per signature.
 *
 * @example
 * ```ts
 * import { prepareCodec } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = prepareCodec(["i32", "i64"]);
 * const view = new DataView(new ArrayBuffer(codec.byteLength));
 * codec.write(view, 0, [-1, 5n]);
 * assertEquals(codec.read(view, 0, codec.byteLength), [-1, 5n]);
 * ```
 */
export function prepareCodec(types: readonly NumberType[]): ValueCodec {
  return new NumberCodec(types);
}

// One loop for all signatures: codecs of their own for one or two values save some 10 ns of a call that takes 30 µs.
class NumberCodec implements ValueCodec {
  readonly byteLength: number;
  readonly #types: readonly NumberType[];

  constructor(types: readonly NumberType[]) {
    this.#types = types;
    this.byteLength = types.reduce((sum, type) => sum + (type === "i32" || type === "f32" ? 4 : 8), 0);
  }

  write(view: DataView, offset: number, values: readonly unknown[]): void {
    const types = this.#types;
    for (let i = 0; i < types.length; i++) {
      const value = values[i];
      switch (types[i]) {
        case "i32":
          view.setInt32(offset, toNumber(value), true);
          offset += 4;
          break;
        case "i64":
          view.setBigInt64(offset, typeof value === "bigint" ? value : BigInt(toNumber(value)), true);
          offset += 8;
          break;
        case "f32":
          view.setFloat32(offset, toNumber(value), true);
          offset += 4;
          break;
        case "f64":
          view.setFloat64(offset, toNumber(value), true);
          offset += 8;
          break;
      }
    }
  }

  read(view: DataView, offset: number, length: number): WasmNumber[] {
    if (length !== this.byteLength) {
      throw new GhostError(
        "BAD_REQUEST",
        `Cannot read the values: ${
          this.#types.join(", ") || "none"
        } is ${this.byteLength} bytes, not ${length}`,
      );
    }
    const types = this.#types;
    const values = new Array<WasmNumber>(types.length);
    for (let i = 0; i < types.length; i++) {
      switch (types[i]) {
        case "i32":
          values[i] = view.getInt32(offset, true);
          offset += 4;
          break;
        case "i64":
          values[i] = view.getBigInt64(offset, true);
          offset += 8;
          break;
        case "f32":
          values[i] = view.getFloat32(offset, true);
          offset += 4;
          break;
        case "f64":
          values[i] = view.getFloat64(offset, true);
          offset += 8;
          break;
      }
    }
    return values;
  }
}

function toNumber(value: unknown): number {
  return typeof value === "number" ? value : Number(value);
}

/**
 * Checks that `args` can be passed to `name`, before anything is written:
 *
 * - an i32 takes an integer from -2^31 to 2^32-1 (the upper half wraps, as `0xffffffff` is -1), as a number or a bigint,
 *   or a boolean as 0 or 1;
 * - an i64 takes a bigint from -2^63 to 2^64-1 (the upper half wraps) or a safe integer: a number beyond 2^53 may have
 *   been rounded before it came here, so it is refused;
 * - an f32 or f64 takes any number, NaN and the infinities too, which an f32 rounds as `Math.fround` does, or a bigint that
 *   it holds to the last digit: a bigint is never rounded.
 *
 * Nothing else is converted: a string, `null` or an object is a mistake of the caller.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` naming the count, or the first argument that does not fit and its position.
 *
 * @example
 * ```ts
 * import { checkArguments, GhostError } from "@ghost/network/gmp";
 * import { assertThrows } from "@std/assert";
 *
 * const signature = { parameters: ["i32", "i32"], results: ["i32"] } as const;
 * checkArguments("add", signature, [34, 34]);
 * assertThrows(() => checkArguments("add", signature, [34, 0.5]), GhostError, "argument 2 is 0.5, not an i32");
 * ```
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
    if (!fits(types[i]!, args[i])) throw doesNotFit(name, types[i]!, args[i], i + 1);
  }
}

function fits(type: NumberType, value: unknown): boolean {
  switch (type) {
    case "i32":
      if (typeof value === "number") {
        return Number.isInteger(value) && value >= -0x8000_0000 && value <= 0xffff_ffff;
      }
      if (typeof value === "bigint") return value >= -0x8000_0000n && value <= 0xffff_ffffn;
      return typeof value === "boolean";
    case "i64":
      if (typeof value === "bigint") {
        return value >= -0x8000_0000_0000_0000n && value <= 0xffff_ffff_ffff_ffffn;
      }
      return Number.isSafeInteger(value);
    case "f32":
    case "f64":
      return typeof value === "bigint" ? isExact(type, value) : typeof value === "number";
  }
}

/** The float of `type` that is nearest to `value`. */
function nearestFloat(type: "f32" | "f64", value: bigint): number {
  // Rounded twice it may be the neighbour of the nearest, but what is exact is exact both times.
  return type === "f32" ? Math.fround(Number(value)) : Number(value);
}

function isExact(type: "f32" | "f64", value: bigint): boolean {
  const float = nearestFloat(type, value);
  return Number.isFinite(float) && BigInt(float) === value;
}

/** What the number `value` is not, in words that say what would do. */
function expectation(type: NumberType, value: number | bigint): string {
  switch (type) {
    case "i32":
      return "an i32 (an integer from -2^31 to 2^32-1)";
    case "i64":
      return "an i64 (an integer from -2^63 to 2^64-1, written as 9007199254740993n beyond 2^53)";
    case "f32":
    case "f64": {
      // Every number fits, so this is a bigint.
      const near = nearestFloat(type, BigInt(value));
      const hint = Number.isFinite(near) ? `the nearest is ${BigInt(near)}` : "it is beyond the largest";
      return `an ${type} (${cut(hint, 80)})`;
    }
  }
}

function doesNotFit(name: string, type: NumberType, value: unknown, position: number): GhostError {
  const isNumeric = typeof value === "number" || typeof value === "bigint";
  const expected = isNumeric ? expectation(type, value) : `an ${type}`;
  return new GhostError(
    "BAD_ARGUMENTS",
    `Cannot call ${showName(name)}: argument ${position} is ${showValue(value)}, not ${expected}`,
    { details: { position, expected: type } },
  );
}

function showValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(cut(value));
    case "bigint":
      return cut(`${value}n`);
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

function cut(text: string, length = 40): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function count(length: number): string {
  return length === 0 ? "no arguments" : length === 1 ? "1 argument" : `${length} arguments`;
}

/**
 * What the caller of a function gets for the values of its RESULT.
 *
 * @example
 * ```ts
 * import { resultOf } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([resultOf([]), resultOf([68]), resultOf([3, 1n])], [undefined, 68, [3, 1n]]);
 * ```
 */
export function resultOf(values: readonly WasmNumber[]): CallResult {
  return values.length === 0 ? undefined : values.length === 1 ? values[0] : values;
}

/**
 * The values for a RESULT of `length` out of what a WebAssembly function returned: {@linkcode resultOf}, reversed.
 *
 * @example
 * ```ts
 * import { valuesOf } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([valuesOf(undefined, 0), valuesOf(68, 1), valuesOf([3, 1n], 2)], [[], [68], [3, 1n]]);
 * ```
 */
export function valuesOf(result: unknown, length: number): readonly unknown[] {
  return length === 0 ? [] : length === 1 ? [result] : result as readonly unknown[];
}
