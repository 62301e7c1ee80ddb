import { camelCase } from "../../gmp/types/camel_case.ts";
import type { Codec } from "./codec.ts";
import { recordLayout } from "./layout.ts";
import { rethrowAt, unfit } from "./trap.ts";

/** Bytes of an object in JavaScript, besides its parts. */
export const OBJECT_WEIGHT = 32;

/** The codec of a record: an object with camelCase fields. */
export function recordCodec(fields: readonly { readonly name: string; readonly codec: Codec }[]): Codec {
  const codecs = fields.map(({ codec }) => codec);
  const keys = keysOf(fields.map(({ name }) => name));
  const { size, alignment, flat, offsets } = recordLayout(codecs);
  const { length } = codecs;
  return {
    size,
    alignment,
    flat,
    weight: weightOf(codecs),
    load(cx, at) {
      const record: Record<string, unknown> = {};
      for (let i = 0; i < length; i++) record[keys[i]!] = codecs[i]!.load(cx, at + offsets[i]!);
      return record;
    },
    store(cx, value, at) {
      const record = objectOf(value);
      let i = 0;
      try {
        for (; i < length; i++) codecs[i]!.store(cx, fieldOf(record, keys[i]!), at + offsets[i]!);
      } catch (error) {
        rethrowAt(error, keys[i]!);
      }
    },
    lift(cx) {
      const record: Record<string, unknown> = {};
      for (let i = 0; i < length; i++) record[keys[i]!] = codecs[i]!.lift(cx);
      return record;
    },
    lower(cx, value) {
      const record = objectOf(value);
      let i = 0;
      try {
        for (; i < length; i++) codecs[i]!.lower(cx, fieldOf(record, keys[i]!));
      } catch (error) {
        rethrowAt(error, keys[i]!);
      }
    },
  };
}

/** The codec of a tuple: an array. */
export function tupleCodec(codecs: readonly Codec[]): Codec {
  const { size, alignment, flat, offsets } = recordLayout(codecs);
  const { length } = codecs;
  const arrayOf = (value: unknown): readonly unknown[] =>
    Array.isArray(value) && value.length === length ? value : unfit(`an array of ${length} elements`, value);
  return {
    size,
    alignment,
    flat,
    weight: weightOf(codecs),
    load: (cx, at) => codecs.map((codec, i) => codec.load(cx, at + offsets[i]!)),
    store(cx, value, at) {
      const tuple = arrayOf(value);
      let i = 0;
      try {
        for (; i < length; i++) codecs[i]!.store(cx, tuple[i], at + offsets[i]!);
      } catch (error) {
        rethrowAt(error, i);
      }
    },
    lift: (cx) => codecs.map((codec) => codec.lift(cx)),
    lower(cx, value) {
      const tuple = arrayOf(value);
      let i = 0;
      try {
        for (; i < length; i++) codecs[i]!.lower(cx, tuple[i]);
      } catch (error) {
        rethrowAt(error, i);
      }
    },
  };
}

/** The codec of flags: an object of booleans by camelCase names; those that are left out are not set. */
export function flagsCodec(labels: readonly string[]): Codec {
  const keys = keysOf(labels);
  const size = keys.length <= 8 ? 1 : keys.length <= 16 ? 2 : 4;
  const unpack = (bits: number): Record<string, boolean> => {
    const flags: Record<string, boolean> = {};
    for (let i = 0; i < keys.length; i++) flags[keys[i]!] = (bits >>> i & 1) !== 0;
    return flags;
  };
  const pack = (value: unknown): number => {
    const flags = objectOf(value);
    let bits = 0;
    for (let i = 0; i < keys.length; i++) {
      const flag = fieldOf(flags, keys[i]!);
      if (flag === true) bits |= 1 << i;
      else if (flag !== false && flag !== undefined) {
        try {
          unfit("a boolean", flag);
        } catch (error) {
          rethrowAt(error, keys[i]!);
        }
      }
    }
    return bits;
  };
  return {
    size,
    alignment: size,
    flat: ["i32"],
    weight: OBJECT_WEIGHT + 8 * keys.length,
    load(cx, at) {
      const { view } = cx;
      return unpack(
        size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at, true) : view.getUint32(at, true),
      );
    },
    store(cx, value, at) {
      const { view } = cx;
      const bits = pack(value);
      if (size === 1) view.setUint8(at, bits);
      else if (size === 2) view.setUint16(at, bits, true);
      else view.setUint32(at, bits, true);
    },
    lift: (cx) => unpack(cx.values[cx.next++] as number),
    lower: (cx, value) => void cx.values.push(pack(value)),
  };
}

/** The names in JavaScript; `a-1` and `a1`, which would have the same, keep their labels. */
function keysOf(labels: readonly string[]): readonly string[] {
  const keys = labels.map(camelCase);
  return new Set(keys).size === keys.length ? keys : labels;
}

/** A field, which may be called as what every object has: `constructor`, `toString`. */
function fieldOf(value: Record<string, unknown>, key: string): unknown {
  const field = value[key];
  return typeof field === "function" && !Object.hasOwn(value, key) ? undefined : field;
}

function weightOf(parts: readonly Codec[]): number {
  return parts.reduce((sum, { weight }) => sum + 8 + weight, OBJECT_WEIGHT);
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null
    ? value as Record<string, unknown>
    : unfit("an object", value);
}
