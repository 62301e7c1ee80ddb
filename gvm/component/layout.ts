import { GhostError } from "../../gmp/errors.ts";
import type { NumberType } from "../../gmp/types/value_types.ts";

/** Most parameters that pass as core values; more pass in memory (Canonical ABI, "Flattening"). */
export const MAX_FLAT_PARAMETERS = 16;
/** Most parameters of an asynchronous lower that pass as core values. */
export const MAX_FLAT_ASYNC_PARAMETERS = 4;
/** Core values after which a type's are not counted any more: they would pass in memory anyway. */
const MANY_FLAT = MAX_FLAT_PARAMETERS + 1;
/** Bytes that a value of one type, and a list or string, may take in memory: one less than 2^28 (Canonical ABI). */
export const MAX_SPAN_BYTES = (1 << 28) - 1;

/** How a type is laid out in memory, and the core values that it becomes. */
export interface Layout {
  /** Bytes, without padding after them. */
  readonly size: number;
  /** 1, 2, 4 or 8 bytes. */
  readonly alignment: number;
  /** The types of its core values; of more than 16 only the first 17. */
  readonly flat: readonly NumberType[];
}

/** `offset` rounded up to a multiple of `alignment`. */
export function alignTo(offset: number, alignment: number): number {
  return (offset + alignment - 1) & -alignment;
}

/** @throws {GhostError} `NOT_A_MODULE` for a size above the limit. */
export function checkedSize(size: number): number {
  if (size <= MAX_SPAN_BYTES) return size;
  throw new GhostError(
    "NOT_A_MODULE",
    `Cannot use the component: a value of one of its types takes more than ${MAX_SPAN_BYTES} bytes`,
  );
}

/** The core values of several types, one after another. */
export function concatFlat(parts: readonly Layout[]): NumberType[] {
  const flat: NumberType[] = [];
  for (const part of parts) {
    flat.push(...part.flat);
    if (flat.length > MANY_FLAT) flat.length = MANY_FLAT;
  }
  return flat;
}

/** The core values of `count` times the same type. */
export function repeatFlat(part: Layout, count: number): NumberType[] {
  const flat: NumberType[] = [];
  for (let i = 0; i < count && flat.length < MANY_FLAT; i++) flat.push(...part.flat);
  return flat.slice(0, MANY_FLAT);
}

/** A record, and the offset of each of its fields. */
export function recordLayout(fields: readonly Layout[]): Layout & { readonly offsets: readonly number[] } {
  let size = 0;
  let alignment = 1;
  const offsets = fields.map((field) => {
    const offset = alignTo(size, field.alignment);
    size = checkedSize(offset + field.size);
    alignment = Math.max(alignment, field.alignment);
    return offset;
  });
  return { size: checkedSize(alignTo(size, alignment)), alignment, flat: concatFlat(fields), offsets };
}

/** Bytes of the discriminant of a variant with so many cases. */
export function discriminantSize(cases: number): 1 | 2 | 4 {
  return cases <= 1 << 8 ? 1 : cases <= 1 << 16 ? 2 : 4;
}

/** A variant; `null` for a case without payload. `offset` is where a payload is. */
export function variantLayout(cases: readonly (Layout | null)[]): Layout & { readonly offset: number } {
  const discriminant = discriminantSize(cases.length);
  const payload = cases.reduce((most, one) => Math.max(most, one?.alignment ?? 1), 1);
  const offset = alignTo(discriminant, payload);
  const alignment = Math.max(discriminant, payload);
  const largest = cases.reduce((most, one) => Math.max(most, one?.size ?? 0), 0);
  const size = checkedSize(alignTo(offset + largest, alignment));
  return { size, alignment, flat: variantFlat(cases), offset };
}

function variantFlat(cases: readonly (Layout | null)[]): NumberType[] {
  const flat: NumberType[] = ["i32"];
  for (const one of cases) {
    one?.flat.forEach((type, index) => {
      const there = flat[index + 1];
      flat[index + 1] = there === undefined ? type : join(there, type);
    });
  }
  return flat.slice(0, MANY_FLAT);
}

/** The core type that can hold both (Canonical ABI, `join`). */
function join(one: NumberType, other: NumberType): NumberType {
  if (one === other) return one;
  return is32(one) && is32(other) ? "i32" : "i64";
}

function is32(type: NumberType): boolean {
  return type === "i32" || type === "f32";
}
