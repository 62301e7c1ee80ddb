// @std/msgpack 1; the implementation is npm's deno-std.

export type ValueType =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | readonly ValueType[]
  | ValueMap;

export interface ValueMap {
  [index: string | number]: ValueType;
}

export function encode(object: ValueType): Uint8Array<ArrayBuffer>;

/** @throws {EvalError} when `data` is not exactly one MessagePack value */
export function decode(data: Uint8Array): ValueType;
