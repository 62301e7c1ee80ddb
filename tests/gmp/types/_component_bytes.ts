import { assertEquals, assertThrows } from "@std/assert";
import { type ErrorCode, GhostError } from "../../../gmp/errors.ts";
import { type ComponentCodec, prepareComponentCodec } from "../../../gmp/types/component_codec.ts";
import type { TypeNode, TypeReference } from "../../../gmp/types/component_types.ts";
import type { ValueBytes } from "../../../gmp/types/value_reader.ts";
import { hex } from "../_wire.ts";

export const PERSON: readonly TypeNode[] = [
  ["option", "string"],
  ["list", "string"],
  ["record", [["name", "string"], ["age", "u32"], ["email", 0], ["tags", 1], ["balance", "f64"]]],
];
export const ADA = { name: "Ada", age: 36, email: "a@b.c", tags: ["x", "yz"], balance: 12.5 };

export function codecOf(types: readonly TypeNode[], type: TypeReference): ComponentCodec {
  return prepareComponentCodec("f", { types, parameters: [["x", type]], result: type });
}

export function bytesOf(
  types: readonly TypeNode[],
  type: TypeReference,
  value: unknown,
): Uint8Array<ArrayBuffer> {
  return codecOf(types, type).writeArguments("f", [value], { ahead: 0, whole: 0 });
}

/** `bytes` in the middle of others, as a frame has them. */
export function inFrame(bytes: Uint8Array, isOwned = false): ValueBytes {
  const all = new Uint8Array(bytes.length + 7).fill(0xee);
  all.set(bytes, 3);
  return { bytes: all, view: new DataView(all.buffer), start: 3, end: 3 + bytes.length, isOwned };
}

export function readBack(
  types: readonly TypeNode[],
  type: TypeReference,
  bytes: Uint8Array,
  isOwned = false,
): unknown {
  const [value] = codecOf(types, type).readArguments(inFrame(bytes, isOwned)).values;
  assertEquals(codecOf(types, type).readResult(inFrame(bytes, isOwned)), value);
  return value;
}

export function assertBytes(
  types: readonly TypeNode[],
  value: unknown,
  expected: string,
  same: unknown = value,
): void {
  const type = types.length - 1;
  assertEquals(bytesOf(types, type, value), hex(expected));
  assertEquals(readBack(types, type, hex(expected)), same);
}

export function assertFails(run: () => unknown, code: ErrorCode, message: string): GhostError {
  const error = assertThrows(run, GhostError);
  assertEquals([error.code, error.message], [code, message]);
  return error;
}

export function assertMisfit(
  types: readonly TypeNode[],
  type: TypeReference,
  value: unknown,
  message: string,
): void {
  assertFails(() => bytesOf(types, type, value), "BAD_ARGUMENTS", `Cannot call f: argument 1${message}`);
}

export function assertUnreadable(
  types: readonly TypeNode[],
  type: TypeReference,
  bytes: string,
  message: string,
): void {
  const read = () => readBack(types, type, hex(bytes));
  assertFails(read, "BAD_REQUEST", `Cannot read the values: ${message}`);
}
