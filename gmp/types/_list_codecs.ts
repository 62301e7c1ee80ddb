import { isNumber, type NodeCodec, type NumberName, sizeOf } from "./_primitive_codecs.ts";
import type { TypeReference } from "./component_types.ts";
import { Misfit, within } from "./misfit.ts";
import { Cost, unreadable, type ValueReader } from "./value_reader.ts";
import { isDetached, TYPED_ARRAYS } from "./typed_arrays.ts";
import type { ValueWriter } from "./value_writer.ts";

/** The fewest bytes of a value are counted up to here: far more than a payload may have. */
export const MOST_LEAST: number = 2 ** 28;

const encoder = new TextEncoder();

/** How many elements a list has: any number, told by a u32 ahead of them, or always `length`. */
interface Counting {
  readonly least: number;
  begin(out: ValueWriter, value: unknown, count: number): void;
  count(from: ValueReader): number;
}

/** A list of elements of the type `element`, whose codec is `codec`; always `length` of them if that is given. */
export function listCodec(element: TypeReference, codec: NodeCodec, length?: number): NodeCodec {
  const counting = length === undefined ? counted(codec.least) : fixed(codec.least, length);
  return isNumber(element) ? numbers(element, codec, counting) : values(codec, counting);
}

function counted(least: number): Counting {
  return {
    least: 4,
    begin: (out, _value, count) => {
      const offset = out.take(4);
      out.view.setUint32(offset, count, true);
    },
    count: (from) => from.count(least),
  };
}

function fixed(least: number, length: number): Counting {
  return {
    least: Math.min(least * length, MOST_LEAST),
    begin: (_out, value, count) => {
      if (count !== length) {
        throw new Misfit(value, `a list of ${length} elements: it has ${count}`, "list");
      }
    },
    count: (from) => {
      if (length * least <= from.left) return length;
      throw unreadable(`${length} elements are next, and ${from.left} bytes are left`);
    },
  };
}

function values(codec: NodeCodec, counting: Counting): NodeCodec {
  return {
    least: counting.least,
    write: (out, value) => {
      if (!Array.isArray(value)) throw new Misfit(value, "a list (an array)", "list");
      const count = value.length;
      counting.begin(out, value, count);
      writeElements(out, codec, value, count);
    },
    read: (from) => {
      const count = counting.count(from);
      from.charge(Cost.OBJECT + Cost.SLOT * count);
      const list = new Array<unknown>(count);
      for (let i = 0; i < count; i++) list[i] = codec.read(from);
      return list;
    },
  };
}

/** A list of numbers: copied in one go from and into a typed array, element by element from any other array. */
function numbers(name: NumberName, codec: NodeCodec, counting: Counting): NodeCodec {
  const TypedArray = TYPED_ARRAYS[name];
  const size = sizeOf(name);
  const expected = `a list<${name}> (a ${TypedArray.name}${
    name === "u8" ? ", an array, or a string" : " or an array"
  })`;
  return {
    least: counting.least,
    write: (out, value) => {
      const typed = name === "u8" && typeof value === "string" ? utf8(value) : value;
      if (typed instanceof TypedArray) {
        if (typed.length === 0) refuseDetached(typed, name);
        counting.begin(out, typed, typed.length);
        const bytes = new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
        const offset = out.take(bytes.length);
        return out.bytes.set(bytes, offset);
      }
      if (!Array.isArray(value) && !isOtherArray(value)) throw new Misfit(value, expected, `list<${name}>`);
      const count = value.length;
      if (count === 0) refuseDetached(value, name);
      counting.begin(out, value, count);
      writeElements(out, codec, value, count);
    },
    read: (from) => {
      const count = counting.count(from);
      const length = count * size;
      const offset = from.take(length);
      const isView = from.isOwned && size === 1;
      from.charge(Cost.TYPED_ARRAY + (isView ? 0 : length));
      const { bytes } = from;
      if (isView) return new TypedArray(bytes.buffer as ArrayBuffer, bytes.byteOffset + offset, count);
      const list = new TypedArray(count);
      new Uint8Array(list.buffer).set(bytes.subarray(offset, offset + length));
      return list;
    },
  };
}

/** @throws {Misfit} for a typed array that has lost its elements. */
function refuseDetached(list: ArrayLike<unknown>, name: NumberName): void {
  if (isDetached(list)) throw new Misfit(list, `a list<${name}> that still has its buffer`, `list<${name}>`);
}

/** The bytes of a text. @throws {Misfit} for one that has none. */
function utf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new Misfit(text, "a string of whole characters", "list<u8>");
  return encoder.encode(text);
}

function isOtherArray(value: unknown): value is ArrayLike<unknown> {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function writeElements(out: ValueWriter, codec: NodeCodec, list: ArrayLike<unknown>, count: number): void {
  let i = 0;
  try {
    for (; i < count; i++) codec.write(out, list[i]);
  } catch (error) {
    throw within(error, `element ${i + 1}`, i);
  }
}

/** A map: a list of pairs with unique keys, in JavaScript a `Map`. */
export function mapCodec(key: NodeCodec, value: NodeCodec): NodeCodec {
  return {
    least: 4,
    write: (out, map) => {
      if (!(map instanceof Map)) throw new Misfit(map, "a map (a Map)", "map");
      const offset = out.take(4);
      out.view.setUint32(offset, map.size, true);
      for (const [one, item] of map) writeEntry(out, key, value, one, item);
    },
    read: (from) => {
      const count = from.count(key.least + value.least);
      from.charge(Cost.OBJECT + 4 * Cost.SLOT * count);
      const map = new Map<unknown, unknown>();
      for (let i = 0; i < count; i++) {
        const one = key.read(from);
        if (map.has(one)) throw unreadable("a map has a key twice");
        map.set(one, value.read(from));
      }
      return map;
    },
  };
}

function writeEntry(out: ValueWriter, key: NodeCodec, value: NodeCodec, one: unknown, item: unknown): void {
  try {
    key.write(out, one);
    value.write(out, item);
  } catch (error) {
    const name = String(one);
    throw within(error, `entry ${JSON.stringify(name)}`, name);
  }
}
