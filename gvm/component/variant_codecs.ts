import type { NumberType } from "../../gmp/types/value_types.ts";
import type { CanonicalContext } from "./canonical_context.ts";
import type { Codec } from "./codec.ts";
import { discriminantSize, type Layout, variantLayout } from "./layout.ts";
import { rethrowAt, trap, unfit } from "./trap.ts";
import { OBJECT_WEIGHT } from "./record_codecs.ts";

/** A case: its name, and the codec of its payload if it has one. */
interface Case {
  readonly name: string;
  readonly codec: Codec | null;
}

/** How JavaScript says which case a value is of. */
interface Shape {
  /** The index of the case. */
  caseOf(value: unknown): number;
  payloadOf(value: unknown): unknown;
  valueOf(index: number, payload: unknown): unknown;
}

/** The codec of a variant: `{ tag, val }` with the name of the case. */
export function variantCodec(cases: readonly Case[]): Codec {
  return casesCodec(cases, taggedShape(cases));
}

/** The codec of a result: `{ tag: "ok", val }` or `{ tag: "err", val }`. */
export function resultCodec(ok: Codec | null, error: Codec | null): Codec {
  return variantCodec([{ name: "ok", codec: ok }, { name: "err", codec: error }]);
}

/** The codec of an option: its value or `undefined`; of an option of an option, `{ tag: "some", val }` or `{ tag: "none" }`. */
export function optionCodec(some: Codec, isNested: boolean): Codec {
  const cases = [{ name: "none", codec: null }, { name: "some", codec: some }];
  return isNested ? variantCodec(cases) : casesCodec(cases, OPTION);
}

const OPTION: Shape = {
  caseOf: (value) => value === undefined || value === null ? 0 : 1,
  payloadOf: (value) => value,
  valueOf: (index, payload) => index === 0 ? undefined : payload,
};

function taggedShape(cases: readonly Case[]): Shape {
  const indices = new Map(cases.map(({ name }, index) => [name, index]));
  const expected = `{ tag, val } with one of the tags ${names(cases.map(({ name }) => name))}`;
  return {
    caseOf: (value) =>
      indices.get((value as { tag?: string } | null | undefined)?.tag!) ?? unfit(expected, value),
    payloadOf: (value) => (value as { val?: unknown }).val,
    valueOf(index, payload) {
      const { name, codec } = cases[index]!;
      return codec === null ? { tag: name } : { tag: name, val: payload };
    },
  };
}

/** The codec of an enum: the name of its case. */
export function enumCodec(labels: readonly string[]): Codec {
  const size = discriminantSize(labels.length);
  const indices = new Map(labels.map((label, index) => [label as unknown, index]));
  const expected = `one of ${names(labels)}`;
  const indexOf = (value: unknown): number => indices.get(value) ?? unfit(expected, value);
  const labelOf = (index: number): string => labels[index] ?? trap("invalid variant discriminant");
  return {
    size,
    alignment: size,
    flat: ["i32"],
    weight: 8,
    load: (cx, at) => labelOf(readIndex(cx.view, at, size)),
    store: (cx, value, at) => writeIndex(cx.view, at, size, indexOf(value)),
    lift: (cx) => labelOf((cx.values[cx.next++] as number) >>> 0),
    lower: (cx, value) => void cx.values.push(indexOf(value)),
  };
}

/** Most names that an error lists. */
const LISTED = 12;

function names(labels: readonly string[]): string {
  const shown = labels.slice(0, LISTED).join(", ");
  return labels.length > LISTED ? `${shown} and ${labels.length - LISTED} more` : shown;
}

function casesCodec(cases: readonly Case[], shape: Shape): Codec {
  const codecs = cases.map(({ codec }) => codec);
  const { size, alignment, flat, offset } = variantLayout(codecs);
  const width = discriminantSize(cases.length);
  const bridges = codecs.map((codec) => codec && bridgeOf(codec, flat));
  return {
    size,
    alignment,
    flat,
    weight: OBJECT_WEIGHT + 16 + codecs.reduce((most, one) => Math.max(most, one?.weight ?? 0), 0),
    load(cx, at) {
      const index = readIndex(cx.view, at, width);
      if (index >= codecs.length) trap("invalid variant discriminant");
      return shape.valueOf(index, codecs[index]?.load(cx, at + offset));
    },
    store(cx, value, at) {
      const index = shape.caseOf(value);
      writeIndex(cx.view, at, width, index);
      try {
        codecs[index]?.store(cx, shape.payloadOf(value), at + offset);
      } catch (error) {
        rethrowAt(error, cases[index]!.name);
      }
    },
    lift(cx) {
      const first = cx.next;
      const index = (cx.values[cx.next++] as number) >>> 0;
      if (index >= codecs.length) trap("invalid variant discriminant");
      bridges[index]?.beforeLift(cx.values, cx.next);
      const payload = codecs[index]?.lift(cx);
      cx.next = first + flat.length;
      return shape.valueOf(index, payload);
    },
    lower(cx, value) {
      const index = shape.caseOf(value);
      const first = cx.values.push(index);
      try {
        codecs[index]?.lower(cx, shape.payloadOf(value));
      } catch (error) {
        rethrowAt(error, cases[index]!.name);
      }
      bridges[index]?.afterLower(cx.values, first);
      fill(cx, first, flat);
    },
  };
}

/** Zeros for the core values that the case does not use; `first` is the index after the discriminant. */
function fill(cx: CanonicalContext, first: number, flat: readonly NumberType[]): void {
  for (let i = cx.values.length - first + 1; i < flat.length; i++) cx.values.push(flat[i] === "i64" ? 0n : 0);
}

/** Turns the core values of a case into those of the whole variant, and back. */
interface Bridge {
  beforeLift(values: (number | bigint)[], first: number): void;
  afterLower(values: (number | bigint)[], first: number): void;
}

type Convert = (value: never) => number | bigint;

const scratch = new DataView(new ArrayBuffer(8));

/** What becomes of a core value in a slot of another type, and the way back (Canonical ABI, `lift_flat_variant`). */
const CONVERSIONS: Readonly<Record<string, { readonly up: Convert; readonly down: Convert }>> = {
  "f32 i32": {
    up: (value: number) => (scratch.setFloat32(0, value), scratch.getInt32(0)),
    down: (value: number) => (scratch.setInt32(0, value), scratch.getFloat32(0)),
  },
  "i32 i64": {
    up: (value: number) => BigInt(value >>> 0),
    down: (value: bigint) => Number(BigInt.asIntN(32, value)),
  },
  "f32 i64": {
    up: (value: number) => (scratch.setFloat32(0, value), BigInt(scratch.getUint32(0))),
    down: (value: bigint) => (scratch.setInt32(0, Number(BigInt.asIntN(32, value))), scratch.getFloat32(0)),
  },
  "f64 i64": {
    up: (value: number) => (scratch.setFloat64(0, value), scratch.getBigInt64(0)),
    down: (value: bigint) => (scratch.setBigInt64(0, value), scratch.getFloat64(0)),
  },
};

/** `undefined` if all core values of the case are of the types that the variant has there. */
function bridgeOf({ flat: own }: Layout, whole: readonly NumberType[]): Bridge | null {
  const converted = own.flatMap((type, index) => {
    const slot = whole[index + 1];
    return slot === undefined || slot === type ? [] : [{ index, ...CONVERSIONS[`${type} ${slot}`]! }];
  });
  if (converted.length === 0) return null;
  return {
    beforeLift(values, first) {
      for (const { index, down } of converted) values[first + index] = down(values[first + index] as never);
    },
    afterLower(values, first) {
      for (const { index, up } of converted) values[first + index] = up(values[first + index] as never);
    },
  };
}

function readIndex(view: DataView, at: number, size: 1 | 2 | 4): number {
  return size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
}

function writeIndex(view: DataView, at: number, size: 1 | 2 | 4, index: number): void {
  if (size === 1) view.setUint8(at, index);
  else if (size === 2) view.setUint16(at, index, true);
  else view.setUint32(at, index, true);
}
