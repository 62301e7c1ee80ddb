import { GhostError } from "../errors.ts";
import type { ValueCursor } from "./value_codec.ts";

/** The TypeScript types of the described types, by name: what a caller may pass, and what a caller gets. */
export interface ValueTypes {
  /** 32 bits, an integer. */
  readonly i32: { readonly argument: number | bigint | boolean; readonly value: number };
  /** 64 bits, an integer. */
  readonly i64: { readonly argument: bigint | number; readonly value: bigint };
  /** 32 bits, a floating-point number. */
  readonly f32: { readonly argument: number | bigint; readonly value: number };
  /** 64 bits, a floating-point number. */
  readonly f64: { readonly argument: number | bigint; readonly value: number };
}

/** The types that may cross the wire in CALL and RESULT (docs/protocol.md, "CALL and RESULT"). */
export type NumberType = keyof ValueTypes;

/** What a parameter of the type called `Name` takes; `never` if there is no such type. */
export type ArgumentOf<Name> = Name extends NumberType ? ValueTypes[Name]["argument"] : never;

/** What a result of the type called `Name` is; `never` if there is no such type. */
export type ValueOf<Name> = Name extends NumberType ? ValueTypes[Name]["value"] : never;

/**
 * All about a type whose values cross the wire, except their bytes: `Argument` is what a caller may pass, `Value` what
 * a caller gets. Signatures name types; everything else about a type is found here by its name.
 */
interface Described<Argument, Value> {
  /** Its name in signatures. */
  readonly name: string;
  /** Whether a caller may pass `value`. */
  accepts(value: unknown): boolean;
  /** What a rejected number should have been; begins with an article. */
  expected(value: number | bigint): string;
  /** Whether WebAssembly takes `value` as it is: `convert` would not change it. */
  isDirect(value: unknown): boolean;
  /** An accepted value as WebAssembly takes it. */
  convert(value: Argument): Value;
  /** The value for people to read and for the prompt to read back. */
  print(value: Value): string;
}

/** A type whose values all take the same number of bytes. */
export interface FixedDescription<Argument = unknown, Value = unknown> extends Described<Argument, Value> {
  /** The bytes that a value takes. */
  readonly size: number;
  /** Writes an accepted value, or one from WebAssembly, into the `size` bytes at `offset`. */
  write(view: DataView, offset: number, value: Argument): void;
  /** Reads the value in the `size` bytes at `offset`. */
  read(view: DataView, offset: number): Value;
}

/** A type whose values vary in size. */
export interface VariableDescription<Argument = unknown, Value = unknown> extends Described<Argument, Value> {
  /** There is none. */
  readonly size: undefined;
  /** The bytes that `value` takes. */
  sizeOf(value: Argument): number;
  /** Writes an accepted value into its `sizeOf` bytes at `offset`. */
  write(view: DataView, offset: number, value: Argument): void;
  /** Reads the value at the cursor and moves on. @throws {GhostError} `BAD_REQUEST` when it is cut off or invalid. */
  read(cursor: ValueCursor): Value;
}

/** The description of a type. */
export type ValueDescription<Argument = unknown, Value = unknown> =
  | FixedDescription<Argument, Value>
  | VariableDescription<Argument, Value>;

/** The description of one of WebAssembly's number types. */
interface NumberDescription<Name extends NumberType>
  extends FixedDescription<ArgumentOf<Name>, ValueOf<Name>> {
  /** The byte that stands for it in a module (core specification, "Number Types"). */
  readonly code: number;
}

const i32: NumberDescription<"i32"> = {
  name: "i32",
  code: 0x7f,
  size: 4,
  accepts: (value) => {
    if (typeof value === "number") {
      return Number.isInteger(value) && value >= -0x8000_0000 && value <= 0xffff_ffff;
    }
    if (typeof value === "bigint") return value >= -0x8000_0000n && value <= 0xffff_ffffn;
    return typeof value === "boolean";
  },
  expected: () => "an i32 (an integer from -2^31 to 2^32-1)",
  isDirect: (value) => typeof value === "number" && (value | 0) === value,
  convert: (value) => Number(value) | 0,
  write: (view, offset, value) =>
    view.setInt32(offset, typeof value === "number" ? value : Number(value), true),
  read: (view, offset) => view.getInt32(offset, true),
  print: String,
};

const i64: NumberDescription<"i64"> = {
  name: "i64",
  code: 0x7e,
  size: 8,
  accepts: (value) =>
    typeof value === "bigint"
      ? value >= -0x8000_0000_0000_0000n && value <= 0xffff_ffff_ffff_ffffn
      : Number.isSafeInteger(value),
  expected: () => "an i64 (an integer from -2^63 to 2^64-1, written as 9007199254740993n beyond 2^53)",
  isDirect: (value) => typeof value === "bigint" && BigInt.asIntN(64, value) === value,
  convert: (value) => BigInt.asIntN(64, BigInt(value)),
  write: (view, offset, value) =>
    view.setBigInt64(offset, typeof value === "bigint" ? value : BigInt(value), true),
  read: (view, offset) => view.getBigInt64(offset, true),
  print: String,
};

const f32: NumberDescription<"f32"> = {
  name: "f32",
  code: 0x7d,
  size: 4,
  accepts: (value) => isFloat(value, nearestF32),
  expected: (value) => `an f32 (${nearestHint(nearestF32(value))})`,
  isDirect: (value) => typeof value === "number",
  convert: nearestF32,
  write: (view, offset, value) =>
    view.setFloat32(offset, typeof value === "number" ? value : Number(value), true),
  read: (view, offset) => view.getFloat32(offset, true),
  // Integers beyond the safe range have an exponent: an f32 has too few digits for them.
  print: (value) =>
    Number.isInteger(value) && !Number.isSafeInteger(value)
      ? shortestF32(value).toExponential()
      : printNumber(value === 0 ? value : shortestF32(value)),
};

const f64: NumberDescription<"f64"> = {
  name: "f64",
  code: 0x7c,
  size: 8,
  accepts: (value) => isFloat(value, Number),
  expected: (value) => `an f64 (${nearestHint(Number(value))})`,
  isDirect: (value) => typeof value === "number",
  convert: Number,
  write: (view, offset, value) =>
    view.setFloat64(offset, typeof value === "number" ? value : Number(value), true),
  read: (view, offset) => view.getFloat64(offset, true),
  // People trust the digits of an integer, so all of them are exact, unlike the zeros that JavaScript pads with.
  print: (value) =>
    Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21
      ? String(BigInt(value))
      : printNumber(value),
};

const NUMBERS: { readonly [Name in NumberType]: NumberDescription<Name> } = { i32, i64, f32, f64 };

/** WebAssembly's number types by their bytes. */
export const NUMBER_CODES: ReadonlyMap<number, NumberType> = new Map(
  Object.entries(NUMBERS).map(([name, { code }]) => [code, name as NumberType]),
);

/** The description of any one of them. */
type AnyDescription = ValueDescription<unknown, ValueOf<NumberType>>;

/** The description of each type by its name; for names from peers or people, use {@linkcode describeType}. */
export const DESCRIPTIONS: Readonly<Record<NumberType, AnyDescription>> = NUMBERS;

/** The names of all described types. */
export const TYPE_NAMES: readonly string[] = Object.keys(DESCRIPTIONS);

/** Whether there is a description of the type `name`. */
export function isDescribed(name: string): name is NumberType {
  return Object.hasOwn(DESCRIPTIONS, name);
}

/** The description of the type `name`. @throws {GhostError} `UNSUPPORTED_SIGNATURE` when no type has that name. */
export function describeType(name: string): AnyDescription {
  if (isDescribed(name)) return DESCRIPTIONS[name];
  throw new GhostError(
    "UNSUPPORTED_SIGNATURE",
    `Cannot pass a value of type ${JSON.stringify(name)}: it is not one of ${TYPE_NAMES.join(", ")}`,
  );
}

/** The f32 that is nearest to `value`. */
function nearestF32(value: number | bigint): number {
  // Rounding twice may give a neighbour of the nearest, but an exact value stays exact.
  return Math.fround(Number(value));
}

/** True for any number, and for a bigint that the float represents exactly. */
function isFloat(value: unknown, nearest: (value: bigint) => number): boolean {
  if (typeof value !== "bigint") return typeof value === "number";
  const float = nearest(value);
  return Number.isFinite(float) && BigInt(float) === value;
}

function nearestHint(near: number): string {
  return Number.isFinite(near)
    ? `the nearest is ${cut(String(BigInt(near)), 65)}`
    : "it is beyond the largest";
}

/** `text`, cut after `length` characters. */
export function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function printNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Significant digits that distinguish any two f32. */
const F32_DIGITS = 9;

/** The number with the fewest digits that rounds to the f32 `value`; `value` itself if it is not an f32. */
function shortestF32(value: number): number {
  for (let digits = 1; digits <= F32_DIGITS; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}
