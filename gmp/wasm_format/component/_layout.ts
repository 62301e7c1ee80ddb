import { partsOf, type ValueNode, type ValueType } from "./resolved_types.ts";
import type { Primitive } from "../../types/component_types.ts";

/** The core types that values are flattened to. */
export type FlatType = "i32" | "i64" | "f32" | "f64";

/** What a value takes in memory: bytes, and a power of two. */
interface Layout {
  readonly size: number;
  readonly alignment: number;
}

/** No value may take so many bytes (component-model, "Type Definitions"). */
export const MAX_VALUE_SIZE = 2 ** 28;

/** The most core values that the parameters or results of any function are passed as; more are passed in memory. */
export const FLAT_VALUES = 16;

const PRIMITIVE_LAYOUTS: Readonly<Record<Primitive, Layout>> = {
  bool: { size: 1, alignment: 1 },
  s8: { size: 1, alignment: 1 },
  u8: { size: 1, alignment: 1 },
  s16: { size: 2, alignment: 2 },
  u16: { size: 2, alignment: 2 },
  s32: { size: 4, alignment: 4 },
  u32: { size: 4, alignment: 4 },
  s64: { size: 8, alignment: 8 },
  u64: { size: 8, alignment: 8 },
  f32: { size: 4, alignment: 4 },
  f64: { size: 8, alignment: 8 },
  char: { size: 4, alignment: 4 },
  string: { size: 16, alignment: 8 },
  "error-context": { size: 4, alignment: 4 },
};

const POINTER_AND_LENGTH: Layout = { size: 16, alignment: 8 };
const HANDLE: Layout = { size: 4, alignment: 4 };

const layouts = new WeakMap<ValueNode, Layout>();

/**
 * The bytes that a value takes in a memory of 64-bit addresses, at most {@linkcode MAX_VALUE_SIZE} (component-model, "Element Size").
 */
export function sizeOf(type: ValueType): number {
  return layoutOf(type).size;
}

function layoutOf(type: ValueType): Layout {
  if (typeof type === "string") return PRIMITIVE_LAYOUTS[type];
  let layout = layouts.get(type);
  if (layout === undefined) {
    layout = saturate(computeLayout(type));
    layouts.set(type, layout);
  }
  return layout;
}

function saturate({ size, alignment }: Layout): Layout {
  return { size: Math.min(size, MAX_VALUE_SIZE), alignment };
}

function computeLayout(type: ValueNode): Layout {
  switch (type.kind) {
    case "list": {
      if (type.length === undefined) return POINTER_AND_LENGTH;
      const { size, alignment } = layoutOf(type.element);
      return { size: size * type.length, alignment };
    }
    case "map":
      return POINTER_AND_LENGTH;
    case "record":
    case "tuple":
      return inSequence(partsOf(type) as ValueType[]);
    case "variant":
    case "option":
    case "result":
      return inCases(casesOf(type));
    case "enum":
      return inCases(type.labels.map(() => null));
    case "flags": {
      const size = type.labels.length <= 8 ? 1 : type.labels.length <= 16 ? 2 : 4;
      return { size, alignment: size };
    }
    default:
      return HANDLE;
  }
}

function inSequence(types: readonly ValueType[]): Layout {
  let end = 0;
  let greatest = 1;
  for (const type of types) {
    const { size, alignment } = layoutOf(type);
    end = align(end, alignment) + size;
    greatest = Math.max(greatest, alignment);
  }
  return { size: align(end, greatest), alignment: greatest };
}

function inCases(cases: readonly (ValueType | null)[]): Layout {
  const discriminant = cases.length <= 2 ** 8 ? 1 : cases.length <= 2 ** 16 ? 2 : 4;
  let payload: Layout = { size: 0, alignment: 1 };
  for (const type of cases) {
    if (type === null) continue;
    const { size, alignment } = layoutOf(type);
    payload = { size: Math.max(payload.size, size), alignment: Math.max(payload.alignment, alignment) };
  }
  const alignment = Math.max(discriminant, payload.alignment);
  return { size: align(align(discriminant, payload.alignment) + payload.size, alignment), alignment };
}

function align(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

function casesOf(type: Extract<ValueNode, { kind: "variant" | "option" | "result" }>): (ValueType | null)[] {
  switch (type.kind) {
    case "variant":
      return type.cases.map(([, type]) => type);
    case "option":
      return [null, type.type];
    case "result":
      return [type.ok, type.error];
  }
}

const PRIMITIVE_FLAT: Readonly<Record<string, FlatType>> = { s64: "i64", u64: "i64", f32: "f32", f64: "f64" };

const flattened = new WeakMap<ValueNode, readonly FlatType[]>();

/**
 * The core types that values are passed as (component-model, "Flattening"), at most one more than {@linkcode FLAT_VALUES} of them: a few
 * bytes may describe billions.
 */
export function flattenAll(types: readonly ValueType[]): readonly FlatType[] {
  const flat: FlatType[] = [];
  for (const type of types) {
    flat.push(...flatten(type));
    if (flat.length > FLAT_VALUES) break;
  }
  return flat.slice(0, FLAT_VALUES + 1);
}

function flatten(type: ValueType): readonly FlatType[] {
  if (typeof type === "string") {
    return type === "string" ? ["i32", "i32"] : [PRIMITIVE_FLAT[type] ?? "i32"];
  }
  let flat = flattened.get(type);
  if (flat === undefined) {
    flat = computeFlat(type);
    flattened.set(type, flat);
  }
  return flat;
}

function computeFlat(type: ValueNode): readonly FlatType[] {
  switch (type.kind) {
    case "list":
      if (type.length === undefined) return ["i32", "i32"];
      return flattenAll(Array(Math.min(type.length, FLAT_VALUES + 1)).fill(type.element));
    case "map":
      return ["i32", "i32"];
    case "record":
    case "tuple":
      return flattenAll(partsOf(type) as ValueType[]);
    case "variant":
    case "option":
    case "result":
      return ["i32", ...join(casesOf(type))].slice(0, FLAT_VALUES + 1) as FlatType[];
    default:
      return ["i32"];
  }
}

/** What can hold the payload of each case. */
function join(cases: readonly (ValueType | null)[]): FlatType[] {
  const joined: FlatType[] = [];
  for (const type of cases) {
    if (type === null) continue;
    for (const [index, flat] of flatten(type).entries()) {
      const other = joined[index] ?? flat;
      joined[index] = other === flat ? flat : is32(other) && is32(flat) ? "i32" : "i64";
    }
  }
  return joined;
}

function is32(type: FlatType): boolean {
  return type === "i32" || type === "f32";
}

const pointing = new WeakMap<ValueNode, boolean>();

/** Whether values are in memory in part, however they are passed: they have strings, lists or maps. */
export function hasPointers(type: ValueType | null): boolean {
  if (type === null || typeof type === "string") return type === "string";
  let found = pointing.get(type);
  if (found === undefined) {
    found = type.kind === "map" || (type.kind === "list" && type.length === undefined) ||
      (hasInlineParts(type) && (partsOf(type) as ValueType[]).some(hasPointers));
    pointing.set(type, found);
  }
  return found;
}

/** Whether a value has the values of its parts in it, rather than a handle. */
function hasInlineParts({ kind }: ValueNode): boolean {
  return kind !== "own" && kind !== "borrow" && kind !== "stream" && kind !== "future";
}
