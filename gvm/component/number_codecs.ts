import type { NumberType } from "../../gmp/types/value_types.ts";
import type { CanonicalContext } from "./canonical_context.ts";
import type { Codec } from "./codec.ts";
import { unfit } from "./trap.ts";

/** The primitives that one core value represents. */
type NumberKind = "bool" | "s8" | "u8" | "s16" | "u16" | "s32" | "u32" | "s64" | "u64" | "f32" | "f64";

/** The codec of a boolean or a number. */
export function numberCodec(kind: NumberKind): Codec {
  return CODECS[kind];
}

type Read = (view: DataView, at: number) => number | bigint | boolean;
type Write = (view: DataView, at: number, value: never) => void;
// deno-lint-ignore no-explicit-any -- of the type that `check` lets through
type Any = any;

/** A codec from its parts: `fromCore` makes a value of a core value, `check` a core value of a value. */
function make(
  size: number,
  flat: NumberType,
  read: Read,
  write: Write,
  fromCore: (value: Any) => unknown,
  check: (value: unknown) => Any,
): Codec {
  return {
    size,
    alignment: size,
    flat: [flat],
    weight: size === 8 && flat === "i64" ? 24 : 8,
    load: (cx, at) => read(cx.view, at),
    store: (cx, value, at) => write(cx.view, at, check(value) as never),
    lift: (cx: CanonicalContext) => fromCore(cx.values[cx.next++]),
    lower: (cx, value) => void cx.values.push(check(value)),
  };
}

function integer(least: number, greatest: number): (value: unknown) => number {
  return (value) =>
    typeof value === "number" && value >= least && value <= greatest && Number.isInteger(value)
      ? value
      : unfit(`an integer from ${least} to ${greatest}`, value);
}

function bigInteger(least: bigint, greatest: bigint): (value: unknown) => bigint {
  return (value) => {
    if (typeof value === "bigint" && value >= least && value <= greatest) return value;
    // A number beyond 2^53 may have been rounded before it came here.
    if (Number.isSafeInteger(value) && BigInt(value as number) >= least) return BigInt(value as number);
    unfit(`an integer from ${least} to ${greatest}`, value);
  };
}

function float(value: unknown): number {
  return typeof value === "number" ? value : unfit("a number", value);
}

const CODECS: Readonly<Record<NumberKind, Codec>> = {
  bool: make(
    1,
    "i32",
    (view, at) => view.getUint8(at) !== 0,
    (view, at, value) => view.setUint8(at, value),
    (value) => value !== 0,
    (value) => typeof value === "boolean" ? Number(value) : unfit("a boolean", value),
  ),
  s8: make(
    1,
    "i32",
    (view, at) => view.getInt8(at),
    (view, at, value) => view.setInt8(at, value),
    (value) => value << 24 >> 24,
    integer(-(2 ** 7), 2 ** 7 - 1),
  ),
  u8: make(
    1,
    "i32",
    (view, at) => view.getUint8(at),
    (view, at, value) => view.setUint8(at, value),
    (value) => value & 0xff,
    integer(0, 2 ** 8 - 1),
  ),
  s16: make(
    2,
    "i32",
    (view, at) => view.getInt16(at, true),
    (view, at, value) => view.setInt16(at, value, true),
    (value) => value << 16 >> 16,
    integer(-(2 ** 15), 2 ** 15 - 1),
  ),
  u16: make(
    2,
    "i32",
    (view, at) => view.getUint16(at, true),
    (view, at, value) => view.setUint16(at, value, true),
    (value) => value & 0xffff,
    integer(0, 2 ** 16 - 1),
  ),
  s32: make(
    4,
    "i32",
    (view, at) => view.getInt32(at, true),
    (view, at, value) => view.setInt32(at, value, true),
    (value) => value | 0,
    integer(-(2 ** 31), 2 ** 31 - 1),
  ),
  u32: make(
    4,
    "i32",
    (view, at) => view.getUint32(at, true),
    (view, at, value) => view.setUint32(at, value, true),
    (value) => value >>> 0,
    integer(0, 2 ** 32 - 1),
  ),
  s64: make(
    8,
    "i64",
    (view, at) => view.getBigInt64(at, true),
    (view, at, value) => view.setBigInt64(at, value, true),
    (value) => value,
    bigInteger(-(2n ** 63n), 2n ** 63n - 1n),
  ),
  u64: make(
    8,
    "i64",
    (view, at) => view.getBigUint64(at, true),
    (view, at, value) => view.setBigUint64(at, value, true),
    (value) => BigInt.asUintN(64, value),
    bigInteger(0n, 2n ** 64n - 1n),
  ),
  f32: make(
    4,
    "f32",
    (view, at) => view.getFloat32(at, true),
    (view, at, value) => view.setFloat32(at, value, true),
    (value) => value,
    float,
  ),
  f64: make(
    8,
    "f64",
    (view, at) => view.getFloat64(at, true),
    (view, at, value) => view.setFloat64(at, value, true),
    (value) => value,
    float,
  ),
};
