import { isDetached, TYPED_ARRAYS } from "../../gmp/types/typed_arrays.ts";
import type { CanonicalContext } from "./canonical_context.ts";
import type { Codec } from "./codec.ts";
import { alignTo, checkedSize, MAX_SPAN_BYTES, repeatFlat } from "./layout.ts";
import { rethrowAt, trap, unfit } from "./trap.ts";
import { OBJECT_WEIGHT, tupleCodec } from "./record_codecs.ts";

const encoder = new TextEncoder();

/** What reads and writes the elements of a list that are next to each other in memory. */
export interface Elements {
  readonly size: number;
  readonly alignment: number;
  /** Bytes in JavaScript for each. */
  readonly weight: number;
  load(cx: CanonicalContext, at: number, length: number): unknown;
  /** The values of a list, checked as far as the list itself goes, and how many there are. */
  lengthOf(value: unknown): number;
  /** Writes the list, which had `length` elements when it was asked: a getter, or the guest's realloc, may change it since. */
  store(cx: CanonicalContext, value: unknown, at: number, length: number): void;
  /** The list of these elements. */
  from(values: unknown[]): unknown;
}

/** The codec of a list: an array, of numbers a typed array; with a `length` it has exactly so many elements. */
export function listCodec(kind: string, element: Codec, length: number | undefined): Codec {
  const elements = elementsOf(kind, element);
  return length === undefined ? anyLength(elements) : fixedLength(elements, element, length);
}

/** The codec of a map: a `Map`, or for the guest an array of pairs too. */
export function mapCodec(key: Codec, value: Codec): Codec {
  const elements = plainElements(tupleCodec([key, value]));
  return anyLength({
    ...elements,
    load: (cx, at, length) => mapOf(elements.load(cx, at, length) as Pair[]),
    lengthOf: (value) => value instanceof Map ? pairsOf(value).length : elements.lengthOf(value),
    store: (cx, value, at, length) =>
      elements.store(cx, value instanceof Map ? pairsOf(value) : value, at, length),
  });
}

type Pair = readonly [unknown, unknown];

/** A map that a guest gave with a key twice; another guest gets also what has the same key. */
class GuestMap extends Map<unknown, unknown> {
  constructor(readonly pairs: readonly Pair[]) {
    super(pairs);
  }
}

function mapOf(pairs: readonly Pair[]): Map<unknown, unknown> {
  const map = new Map(pairs);
  return map.size === pairs.length ? map : new GuestMap(pairs);
}

function pairsOf(map: Map<unknown, unknown>): readonly Pair[] {
  return map instanceof GuestMap ? map.pairs : [...map];
}

/** What reads and writes elements of that kind. */
export function elementsOf(kind: string, element: Codec): Elements {
  const typed = CONSTRUCTORS[kind];
  return typed === undefined ? plainElements(element) : typedElements(typed, element);
}

function anyLength(elements: Elements): Codec {
  const { size, alignment, weight } = elements;
  const load = (cx: CanonicalContext, at: number, length: number): unknown => {
    const bytes = length * size;
    if (bytes > MAX_SPAN_BYTES) trap("list content is too long");
    if ((at & (alignment - 1)) !== 0) trap("unaligned pointer");
    if (at + bytes > cx.bytes.length) trap("list content out-of-bounds");
    cx.instance.store.charge(OBJECT_WEIGHT + length * weight);
    return elements.load(cx, at, length);
  };
  const store = (cx: CanonicalContext, value: unknown): number => {
    const length = elements.lengthOf(value);
    if (length * size > MAX_SPAN_BYTES) unfit(`a list of at most ${MAX_SPAN_BYTES} bytes`, value);
    const at = cx.reallocate(0, 0, alignment, length * size);
    elements.store(cx, value, at, length);
    cx.pointer = at;
    return length;
  };
  return {
    size: 8,
    alignment: 4,
    flat: ["i32", "i32"],
    weight: OBJECT_WEIGHT,
    load: (cx, at) => load(cx, cx.view.getUint32(at, true), cx.view.getUint32(at + 4, true)),
    store(cx, value, at) {
      const length = store(cx, value);
      cx.view.setUint32(at, cx.pointer, true);
      cx.view.setUint32(at + 4, length, true);
    },
    lift(cx) {
      const at = cx.values[cx.next++] as number;
      return load(cx, at >>> 0, (cx.values[cx.next++] as number) >>> 0);
    },
    lower(cx, value) {
      const length = store(cx, value);
      cx.values.push(cx.pointer, length);
    },
  };
}

function fixedLength(elements: Elements, element: Codec, length: number): Codec {
  const check = (value: unknown): void => {
    if (elements.lengthOf(value) !== length) unfit(`a list of ${length} elements`, value);
  };
  return {
    size: checkedSize(elements.size * length),
    alignment: elements.alignment,
    flat: repeatFlat(element, length),
    weight: OBJECT_WEIGHT + length * elements.weight,
    load: (cx, at) => elements.load(cx, at, length),
    store(cx, value, at) {
      check(value);
      elements.store(cx, value, at, length);
    },
    // Only short lists pass as core values.
    lift: (cx) => elements.from(Array.from({ length }, () => element.lift(cx))),
    lower(cx, value) {
      check(value);
      let index = 0;
      try {
        for (; index < length; index++) element.lower(cx, (value as ArrayLike<unknown>)[index]);
      } catch (error) {
        rethrowAt(error, index);
      }
    },
  };
}

function plainElements(element: Codec): Elements {
  const { alignment, weight } = element;
  const size = alignTo(element.size, alignment);
  return {
    size,
    alignment,
    weight: 8 + weight,
    load(cx, at, length) {
      const list = new Array(length);
      for (let i = 0; i < length; i++) list[i] = element.load(cx, at + i * size);
      return list;
    },
    lengthOf: (value) => Array.isArray(value) ? value.length : unfit("an array", value),
    store(cx, value, at, length) {
      const list = value as readonly unknown[];
      let i = 0;
      try {
        for (; i < length; i++) element.store(cx, list[i], at + i * size);
      } catch (error) {
        rethrowAt(error, i);
      }
    },
    from: (values) => values,
  };
}

type TypedArray =
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

interface TypedArrayConstructor {
  new (buffer: ArrayBuffer): TypedArray;
  from(values: Iterable<never>): TypedArray;
}

/** Without a prototype: no kind of type is one of its names. */
const CONSTRUCTORS: Readonly<Record<string, TypedArrayConstructor>> = Object.assign(
  Object.create(null),
  TYPED_ARRAYS,
);

/** Numbers are copied in one go, since a guest's memory is little-endian as the machine is. */
function typedElements(constructor: TypedArrayConstructor, element: Codec): Elements {
  const plain = plainElements(element);
  const isBytes = constructor as unknown === Uint8Array;
  const elements = typedOnly(constructor, element, plain, isBytes);
  if (!isBytes) return elements;
  // Text is passed as UTF-8.
  const bytes = (value: unknown) => {
    if (typeof value !== "string") return value;
    return value.isWellFormed() ? encoder.encode(value) : unfit("a string of whole characters", value);
  };
  return {
    ...elements,
    lengthOf: (value) => elements.lengthOf(bytes(value)),
    store: (cx, value, at, length) => elements.store(cx, bytes(value), at, length),
  };
}

function typedOnly(
  constructor: TypedArrayConstructor,
  element: Codec,
  plain: Elements,
  isBytes: boolean,
): Elements {
  return {
    ...plain,
    weight: element.size,
    load(cx, at, length) {
      const bytes = cx.bytes.slice(at, at + length * element.size) as Uint8Array<ArrayBuffer>;
      return isBytes ? bytes : new constructor(bytes.buffer);
    },
    lengthOf(value) {
      if (!(value instanceof constructor)) return plain.lengthOf(value);
      if (isDetached(value)) unfit("a list that still has its buffer", value);
      return value.length;
    },
    store(cx, value, at, length) {
      if (!(value instanceof constructor)) return plain.store(cx, value, at, length);
      if (value.length !== length) unfit("a list that keeps its length", value);
      cx.bytes.set(
        isBytes ? value as Uint8Array : new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
        at,
      );
    },
    from: (values) => constructor.from(values as never[]),
  };
}
