import type { ByteReader } from "./_byte_reader.ts";
import type { ByteRange, GlobalType, MemoryType, TableType } from "./module_description.ts";
import { MAX_SIGNATURE_VALUES, REFERENCE_CODES, type Signature, type ValueType } from "../types/signature.ts";
import { NUMBER_CODES } from "../types/value_types.ts";

/** The form of a function type: the byte at its offset, as {@linkcode scanTypes} finds it. */
export const FUNCTION_FORM = 0x60;
export const STRUCT_FORM = 0x5f;
export const ARRAY_FORM = 0x5e;
export const SUBTYPE_FORM = 0x50;
export const FINAL_SUBTYPE_FORM = 0x4f;
export const GROUP_FORM = 0x4e;

const NULLABLE_REFERENCE = 0x63;
const REFERENCE = 0x64;

/** The limit for types in a module, as in the WebAssembly JavaScript interface. */
const MAX_TYPES = 1_000_000;
/** V8's limit for fields of a struct, and the limit for direct supertypes in version 3 of the specification. */
const MAX_FIELDS = 10_000;
const MAX_SUPERTYPES = 1;

/** Pages of 64 KiB that 32-bit and 64-bit addresses reach. */
const MAX_PAGES_32 = 2 ** 16;
const MAX_PAGES_64 = 2 ** 48;

const NUMBER_AND_VECTOR_TYPES: ReadonlyMap<number, ValueType> = new Map<number, ValueType>([
  ...NUMBER_CODES,
  [0x7b, "v128"],
]);

/**
 * Goes through a type section and yields the offset of each type's form, in the order of the type indices. It looks
 * into recursion groups and subtypes; structs and arrays count, too.
 */
export function* scanTypes(reader: ByteReader): Generator<number, void, void> {
  let scanned = 0;
  for (let groups = reader.count("types", MAX_TYPES); groups > 0; groups--) {
    let types = 1;
    if (reader.peek() === GROUP_FORM) {
      reader.byte();
      types = reader.count("types", MAX_TYPES - scanned);
    }
    for (; types > 0; types--, scanned++) yield scanType(reader);
  }
}

/** Goes through a type that is in no recursion group, and returns the offset of its form. */
export function scanType(reader: ByteReader): number {
  if (reader.peek() === SUBTYPE_FORM || reader.peek() === FINAL_SUBTYPE_FORM) {
    reader.byte();
    for (let count = reader.count("supertypes", MAX_SUPERTYPES); count > 0; count--) reader.u32();
  }
  const offset = reader.offset;
  const form = reader.byte();
  if (form === FUNCTION_FORM) {
    for (let count = reader.count("parameters", MAX_SIGNATURE_VALUES); count > 0; count--) {
      readValueType(reader);
    }
    for (let count = reader.count("results", MAX_SIGNATURE_VALUES); count > 0; count--) readValueType(reader);
  } else if (form === STRUCT_FORM) {
    for (let count = reader.count("fields", MAX_FIELDS); count > 0; count--) scanField(reader);
  } else if (form === ARRAY_FORM) {
    scanField(reader);
  } else {
    reader.fail(`a type has the unknown form ${hex(form)}`, offset);
  }
  return offset;
}

function scanField(reader: ByteReader): void {
  const isPacked = reader.peek() === 0x78 || reader.peek() === 0x77; // i8, i16
  if (isPacked) reader.byte();
  else readValueType(reader);
  readMutability(reader);
}

/** The function type at an offset that {@linkcode scanTypes} yielded. */
export function readSignature(reader: ByteReader): Signature {
  reader.byte();
  return { parameters: readValueTypes(reader), results: readValueTypes(reader) };
}

function readValueTypes(reader: ByteReader): ValueType[] {
  const types: ValueType[] = [];
  for (let count = reader.count("values", MAX_SIGNATURE_VALUES); count > 0; count--) {
    types.push(readValueType(reader));
  }
  return types;
}

/** A value type. */
export function readValueType(reader: ByteReader): ValueType {
  const type = NUMBER_AND_VECTOR_TYPES.get(reader.peek());
  if (type === undefined) return readReferenceType(reader);
  reader.byte();
  return type;
}

function readReferenceType(reader: ByteReader): ValueType {
  const offset = reader.offset;
  const code = reader.byte();
  const short = REFERENCE_CODES.get(code);
  if (short !== undefined) return short;
  if (code !== NULLABLE_REFERENCE && code !== REFERENCE) reader.fail(`${hex(code)} is no value type`, offset);
  const heapType = reader.s33();
  if (heapType >= 0) return "ref";
  const abstract = REFERENCE_CODES.get(heapType + 0x80);
  if (abstract === undefined) reader.fail(`${heapType} is no heap type`, offset + 1);
  return code === NULLABLE_REFERENCE ? abstract : "ref";
}

function readMutability(reader: ByteReader): boolean {
  const flag = reader.byte();
  if (flag > 1) reader.fail(`the mutability is ${hex(flag)}, neither 0 nor 1`, reader.offset - 1);
  return flag === 1;
}

/** The type of a global. */
export function readGlobalType(reader: ByteReader): GlobalType {
  return { type: readValueType(reader), mutable: readMutability(reader) };
}

/** The type of a memory, and where its limits are. */
export function readMemoryType(reader: ByteReader): { type: MemoryType; limits: ByteRange } {
  const { minimum, maximum, shared, is64, limits } = readLimits(reader);
  const cap = is64 ? MAX_PAGES_64 : MAX_PAGES_32;
  const most = Math.max(minimum, maximum ?? 0);
  if (most > cap) {
    reader.fail(`a memory has ${most} pages, above the ${cap} that can be addressed`, limits.start);
  }
  if (shared && maximum === undefined) reader.fail("a shared memory has no maximum", limits.start);
  return { type: { minimum, ...(maximum === undefined ? {} : { maximum }), shared, is64 }, limits };
}

/** The type of a table, and where its limits are. */
export function readTableType(reader: ByteReader): { type: TableType; limits: ByteRange } {
  const element = readReferenceType(reader);
  const { minimum, maximum, shared, is64, limits } = readLimits(reader);
  if (shared) reader.fail("a table is shared", limits.start);
  return { type: { element, minimum, ...(maximum === undefined ? {} : { maximum }), is64 }, limits };
}

interface Limits {
  minimum: number;
  maximum: number | undefined;
  shared: boolean;
  is64: boolean;
  limits: ByteRange;
}

function readLimits(reader: ByteReader): Limits {
  const start = reader.offset;
  const flags = reader.byte();
  if (flags > 7) reader.fail(`the flags of the limits are ${hex(flags)}`, start);
  const is64 = (flags & 4) !== 0;
  const minimum = is64 ? reader.u64() : reader.u32();
  const hasMaximum = (flags & 1) !== 0;
  const maximum = !hasMaximum ? undefined : is64 ? reader.u64() : reader.u32();
  if (maximum !== undefined && maximum < minimum) {
    reader.fail(`the maximum ${maximum} is below the minimum ${minimum}`, start);
  }
  return { minimum, maximum, shared: (flags & 2) !== 0, is64, limits: { start, end: reader.offset } };
}

/** Instructions of a constant expression that are skipped before it yields: one may be as long as the file. */
const INSTRUCTIONS = 1 << 16;

/** Skips a constant expression, including its `end` (core specification, "Constant Expressions"). */
export function* skipConstant(reader: ByteReader): Generator<void, void, void> {
  for (let count = 1;; count++) {
    if (count % INSTRUCTIONS === 0) yield;
    const offset = reader.offset;
    const opcode = reader.byte();
    switch (opcode) {
      case 0x0b: // end
        return;
      case 0x23: // global.get
      case 0xd2: // ref.func
        reader.u32();
        break;
      case 0x41: // i32.const
        reader.skipInteger(5);
        break;
      case 0x42: // i64.const
        reader.skipInteger(10);
        break;
      case 0x43: // f32.const
        reader.skip(4);
        break;
      case 0x44: // f64.const
        reader.skip(8);
        break;
      case 0xd0: // ref.null
        reader.s33();
        break;
      case 0x6a: // i32.add, i32.sub, i32.mul, i64.add, i64.sub, i64.mul
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        break;
      case 0xfb:
        skipAggregateConstant(reader);
        break;
      case 0xfd: // the vector instructions, of which only v128.const is constant
        if (reader.u32() !== 12) reader.fail("a vector instruction is not constant", offset);
        reader.skip(16);
        break;
      default:
        reader.fail(`instruction ${hex(opcode)} is not constant`, offset);
    }
  }
}

function skipAggregateConstant(reader: ByteReader): void {
  const offset = reader.offset - 1;
  const opcode = reader.u32();
  switch (opcode) {
    case 0: // struct.new, struct.new_default, array.new, array.new_default
    case 1:
    case 6:
    case 7:
      reader.u32();
      break;
    case 8: // array.new_fixed
      reader.u32();
      reader.u32();
      break;
    case 26: // any.convert_extern, extern.convert_any, ref.i31
    case 27:
    case 28:
      break;
    default:
      reader.fail(`instruction 0xfb ${opcode} is not constant`, offset);
  }
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
