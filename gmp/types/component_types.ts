/**
 * The value types of the component model (component-model, "Type Definitions") as a table without
 * recursion: a node names its children by their index in the table, and they come before it.
 *
 * In JavaScript a value is: `bool` a boolean; integers up to 32 bits and floats a number, 64 bits a bigint; `char` and
 * `string` a string; a list an array, of numbers a typed array, of `u8` a `Uint8Array`, for which a caller may pass a
 * string too, which is its UTF-8; a record an object with
 * camelCase fields; a tuple an array; flags an object of booleans by camelCase names; an enum the name of its case; a
 * variant and a result `{ tag, val }` with the name of the case; an option its value or `undefined`, where options nest
 * `{ tag: "some", val }` or `{ tag: "none" }`; a resource an object that stands for its handle; a stream a `ReadableStream`, of
 * numbers of typed arrays and otherwise of elements; a future a promise.
 */

/** The name of a type that has no parts. */
export type Primitive =
  | "bool"
  | "s8"
  | "u8"
  | "s16"
  | "u16"
  | "s32"
  | "u32"
  | "s64"
  | "u64"
  | "f32"
  | "f64"
  | "char"
  | "string"
  | "error-context";

/** The types that have no parts. */
export const PRIMITIVES: readonly Primitive[] = [
  "bool",
  "s8",
  "u8",
  "s16",
  "u16",
  "s32",
  "u32",
  "s64",
  "u64",
  "f32",
  "f64",
  "char",
  "string",
  "error-context",
];

/** A type: the name of a primitive, or the index of a node in the table. */
export type TypeReference = Primitive | number;

/** A type that has parts, or stands for a resource. */
export type TypeNode =
  /** With a length, every list has exactly so many elements. */
  | readonly ["list", TypeReference, number?]
  | readonly ["record", readonly (readonly [name: string, type: TypeReference])[]]
  | readonly ["tuple", readonly TypeReference[]]
  /** Its cases; `null` stands for a case without a payload. */
  | readonly ["variant", readonly (readonly [name: string, type: TypeReference | null])[]]
  | readonly ["enum", readonly string[]]
  | readonly ["option", TypeReference]
  | readonly ["result", ok: TypeReference | null, error: TypeReference | null]
  | readonly ["flags", readonly string[]]
  /** The map of a list of pairs with unique keys. */
  | readonly ["map", key: TypeReference, value: TypeReference]
  /** The name of the resource, unique in the table's component. */
  | readonly ["own", string]
  | readonly ["borrow", string]
  | readonly ["stream", TypeReference | null]
  | readonly ["future", TypeReference | null];

/** What a function of a component takes and returns. */
export interface ComponentSignature {
  /** The nodes that it uses, children before parents. */
  readonly types: readonly TypeNode[];
  /** The parameters by name, in order. */
  readonly parameters: readonly (readonly [name: string, type: TypeReference])[];
  /** The result; `null` if there is none. */
  readonly result: TypeReference | null;
  /** Whether it is declared `async`. */
  readonly async?: boolean;
}
