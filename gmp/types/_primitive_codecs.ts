import type { Primitive } from "./component_types.ts";
import { Misfit } from "./misfit.ts";
import { Cost, unreadable, type ValueReader } from "./value_reader.ts";
import type { ValueWriter } from "./value_writer.ts";

/** Writes and reads the values of one type. */
export interface NodeCodec {
  /** The fewest bytes that a value takes; at least 1, and no more than `MOST_LEAST`. */
  readonly least: number;
  /** Writes `value`. @throws {Misfit} when it is not of the type. */
  write(out: ValueWriter, value: unknown): void;
  /** Reads a value. @throws {GhostError} `BAD_REQUEST`, `PAYLOAD_TOO_LARGE`. */
  read(from: ValueReader): unknown;
}

/** The primitives that are numbers of a fixed size, and have typed arrays. */
export type NumberName = Exclude<Primitive, "bool" | "char" | "string" | "error-context">;

/** The view's method for one number, which is part of its name. */
type Method =
  | "Int8"
  | "Uint8"
  | "Int16"
  | "Uint16"
  | "Int32"
  | "Uint32"
  | "Float32"
  | "Float64"
  | "BigInt64"
  | "BigUint64";

/** A number: its size in bytes, and the name of the view's methods for it. */
const NUMBERS: Readonly<Record<NumberName, readonly [size: number, method: Method]>> = {
  s8: [1, "Int8"],
  u8: [1, "Uint8"],
  s16: [2, "Int16"],
  u16: [2, "Uint16"],
  s32: [4, "Int32"],
  u32: [4, "Uint32"],
  s64: [8, "BigInt64"],
  u64: [8, "BigUint64"],
  f32: [4, "Float32"],
  f64: [8, "Float64"],
};

/** The bytes of a number. */
export function sizeOf(name: NumberName): number {
  return NUMBERS[name][0];
}

/** Whether the primitive `name` is a number. */
export function isNumber(name: unknown): name is NumberName {
  return typeof name === "string" && Object.hasOwn(NUMBERS, name);
}

const bool: NodeCodec = {
  least: 1,
  write: (out, value) => {
    if (typeof value !== "boolean") throw new Misfit(value, "a bool (true or false)", "bool");
    const offset = out.take(1); // first, since it may replace the view
    out.view.setUint8(offset, value ? 1 : 0);
  },
  read: (from) => {
    const byte = from.view.getUint8(from.take(1));
    if (byte > 1) throw unreadable(`a bool is ${byte}`);
    return byte === 1;
  },
};

const char: NodeCodec = {
  least: 4,
  write: (out, value) => {
    const point = typeof value === "string" ? value.codePointAt(0) : undefined;
    const isOne = point !== undefined && (value as string).length === (point > 0xffff ? 2 : 1) &&
      !isSurrogate(point);
    if (!isOne) throw new Misfit(value, "a char (a string of one character)", "char");
    const offset = out.take(4);
    out.view.setUint32(offset, point, true);
  },
  read: (from) => {
    const point = from.u32();
    if (point > 0x10ffff || isSurrogate(point)) throw unreadable(`there is no character ${point}`);
    from.charge(Cost.STRING);
    return String.fromCodePoint(point);
  },
};

const string: NodeCodec = {
  least: 4,
  write: (out, value) => {
    if (typeof value !== "string") throw new Misfit(value, "a string", "string");
    // It would arrive with another character in place of the half.
    if (!value.isWellFormed()) throw new Misfit(value, "a string of whole characters", "string");
    out.string(value);
  },
  read: (from) => from.string(),
};

function isSurrogate(point: number): boolean {
  return point >= 0xd800 && point <= 0xdfff;
}

/** An integer of up to 32 bits: a number, or a bigint of the same value. */
function integer(name: "s8" | "u8" | "s16" | "u16" | "s32" | "u32"): NodeCodec {
  const size = sizeOf(name);
  const least = name.startsWith("u") ? 0 : -(2 ** (8 * size - 1));
  const most = least + 2 ** (8 * size) - 1;
  const article = name === "s8" || name === "s16" || name === "s32" ? "an" : "a";
  const expected = `${article} ${name} (an integer from ${least} to ${most})`;
  const convert = (value: unknown): number => {
    const number = typeof value === "bigint" ? Number(value) : value;
    if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= most) {
      return number;
    }
    throw new Misfit(value, expected, name);
  };
  return { least: size, ...accessors(name, convert) };
}

/** An integer of 64 bits: a bigint, or a safe integer. A number beyond 2^53 may have been rounded before it came here. */
function large(name: "s64" | "u64"): NodeCodec {
  const [least, most] = name === "u64" ? [0n, 2n ** 64n - 1n] : [-(2n ** 63n), 2n ** 63n - 1n];
  const range = name === "u64"
    ? "a u64 (an integer from 0 to 2^64-1"
    : "an s64 (an integer from -2^63 to 2^63-1";
  const expected = `${range}, written as 9007199254740993n beyond 2^53)`;
  const convert = (value: unknown): bigint => {
    const big = typeof value === "bigint"
      ? value
      : Number.isSafeInteger(value)
      ? BigInt(value as number)
      : undefined;
    if (big !== undefined && big >= least && big <= most) return big;
    throw new Misfit(value, expected, name);
  };
  return { least: 8, ...accessors(name, convert) };
}

/** A float: any number, or a bigint that it represents exactly. */
function float(name: "f32" | "f64"): NodeCodec {
  const expected = `an ${name} (a number)`;
  const nearest = name === "f32" ? Math.fround : Number;
  const convert = (value: unknown): number => {
    if (typeof value === "number") return value;
    const near = typeof value === "bigint" ? nearest(Number(value)) : NaN;
    if (Number.isFinite(near) && BigInt(near) === value) return near;
    throw new Misfit(value, expected, name);
  };
  return { least: sizeOf(name), ...accessors(name, convert) };
}

/** Reading and writing by the methods of a view. One function for each method, since a name that is computed is slow. */
function accessors(
  name: NumberName,
  convert: (value: unknown) => number | bigint,
): Pick<NodeCodec, "write" | "read"> {
  const n = convert as (value: unknown) => number;
  const b = convert as (value: unknown) => bigint;
  switch (NUMBERS[name][1]) {
    case "Int8":
      return at(1, n, (v, o, x) => v.setInt8(o, x), (v, o) => v.getInt8(o));
    case "Uint8":
      return at(1, n, (v, o, x) => v.setUint8(o, x), (v, o) => v.getUint8(o));
    case "Int16":
      return at(2, n, (v, o, x) => v.setInt16(o, x, true), (v, o) => v.getInt16(o, true));
    case "Uint16":
      return at(2, n, (v, o, x) => v.setUint16(o, x, true), (v, o) => v.getUint16(o, true));
    case "Int32":
      return at(4, n, (v, o, x) => v.setInt32(o, x, true), (v, o) => v.getInt32(o, true));
    case "Uint32":
      return at(4, n, (v, o, x) => v.setUint32(o, x, true), (v, o) => v.getUint32(o, true));
    case "Float32":
      return at(4, n, (v, o, x) => v.setFloat32(o, x, true), (v, o) => v.getFloat32(o, true));
    case "Float64":
      return at(8, n, (v, o, x) => v.setFloat64(o, x, true), (v, o) => v.getFloat64(o, true));
    case "BigInt64":
      return at(8, b, (v, o, x) => v.setBigInt64(o, x, true), (v, o) => v.getBigInt64(o, true));
    case "BigUint64":
      return at(8, b, (v, o, x) => v.setBigUint64(o, x, true), (v, o) => v.getBigUint64(o, true));
  }
}

function at<T>(
  size: number,
  convert: (value: unknown) => T,
  set: (view: DataView, offset: number, value: T) => void,
  get: (view: DataView, offset: number) => T,
): Pick<NodeCodec, "write" | "read"> {
  // Smaller ones are in the slot of what they are part of.
  const cost = size < 4 ? 0 : Cost.NUMBER;
  return {
    write: (out, value) => {
      const converted = convert(value);
      const offset = out.take(size);
      set(out.view, offset, converted);
    },
    read: (from) => {
      if (cost > 0) from.charge(cost);
      return get(from.view, from.take(size));
    },
  };
}

/** The codecs of the primitives, but for error contexts, which have no values on the wire. */
export const PRIMITIVE_CODECS: Readonly<Record<Exclude<Primitive, "error-context">, NodeCodec>> = {
  bool,
  char,
  string,
  s8: integer("s8"),
  u8: integer("u8"),
  s16: integer("s16"),
  u16: integer("u16"),
  s32: integer("s32"),
  u32: integer("u32"),
  s64: large("s64"),
  u64: large("u64"),
  f32: float("f32"),
  f64: float("f64"),
};
