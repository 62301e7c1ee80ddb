/** Cases for the reference implementation of the Canonical ABI, which `_reference.py` compares with what the engine does. */
import { camelCase } from "../../../gmp/types/camel_case.ts";
import type { TypeNode, TypeReference } from "../../../gmp/types/component_types.ts";
import { CanonicalContext, type StringEncoding } from "../../../gvm/component/canonical_context.ts";
import { codecOf } from "../../../gvm/component/codec.ts";
import { ComponentInstance, Store } from "../../../gvm/component/component_instance.ts";
import { parametersCodec } from "../../../gvm/component/parameters.ts";
import { ComponentTrap } from "../../../gvm/component/trap.ts";
import type { NumberType } from "../../../gmp/types/value_types.ts";
import type { Random } from "../../gmp/_wire.ts";
import { randomTypes, randomValue } from "../../gmp/types/_random_values.ts";
import { load } from "./_fixtures.ts";
import { passThrough } from "./_pass_through.ts";

/** Where the first allocation is, here and there. */
const START = 16;
/** Bytes of noise, and how many times some are read as a value. */
const NOISE_BYTES = 600;
const NOISES = 4;

const scratch = new DataView(new ArrayBuffer(8));

/** The bits of a number as text, or `nan`. */
function bits(value: number, size: 4 | 8): string {
  if (Number.isNaN(value)) return "nan";
  if (size === 4) scratch.setFloat32(0, value);
  else scratch.setFloat64(0, value);
  return String(size === 4 ? scratch.getUint32(0) : scratch.getBigUint64(0));
}

/** A value as JSON, in which each part says what it is. */
function described(types: readonly TypeNode[], type: TypeReference, value: unknown): unknown {
  const part = (of: TypeReference | null, value: unknown) => of === null ? null : described(types, of, value);
  if (typeof type === "string") return describedPrimitive(type, value);
  const node = types[type]!;
  switch (node[0]) {
    case "list":
      return { list: Array.from(value as Iterable<unknown>, (one) => part(node[1], one)) };
    case "map":
      return {
        list: Array.from(value as Map<unknown, unknown>, ([key, one]) => ({
          parts: [["0", part(node[1], key)], ["1", part(node[2], one)]],
        })),
      };
    case "record": {
      const record = value as Record<string, unknown>;
      return { parts: node[1].map(([label, of]) => [label, part(of, record[camelCase(label)])]) };
    }
    case "tuple":
      return { parts: node[1].map((of, index) => [`${index}`, part(of, (value as unknown[])[index])]) };
    case "flags":
      return {
        parts: node[1].map((
          label,
        ) => [label, { bool: (value as Record<string, boolean>)[camelCase(label)] }]),
      };
    case "enum":
      return { tag: value, payload: null };
    case "variant": {
      const { tag, val } = value as { tag: string; val?: unknown };
      return { tag, payload: part(node[1].find(([label]) => label === tag)![1], val) };
    }
    case "result": {
      const { tag, val } = value as { tag: "ok" | "err"; val?: unknown };
      return tag === "ok"
        ? { tag, payload: part(node[1], val) }
        : { tag: "error", payload: part(node[2], val) };
    }
    case "option": {
      const isNested = typeof node[1] === "number" && types[node[1]]![0] === "option";
      const tagged = value as { tag: string; val?: unknown } | undefined;
      if (tagged === undefined || isNested && tagged.tag === "none") return { tag: "none", payload: null };
      return { tag: "some", payload: part(node[1], isNested ? tagged.val : value) };
    }
    default:
      throw new Error(`there is no case for a ${node[0]}`);
  }
}

function describedPrimitive(type: string, value: unknown): unknown {
  switch (type) {
    case "bool":
      return { bool: value };
    case "f32":
    case "f64":
      return { [type]: bits(value as number, type === "f32" ? 4 : 8) };
    case "char":
      return { char: (value as string).codePointAt(0) };
    case "string": {
      const text = value as string;
      return { string: text, units: text.length, isLatin1: !/[^\0-\xff]/.test(text) };
    }
    default:
      return { integer: `${value}` };
  }
}

/** `value` with the one NaN that the reference has: which bits it has is open. */
function withOneNaN(value: unknown): unknown {
  if (typeof value === "number") return Number.isNaN(value) ? NaN : value;
  if (value instanceof Float32Array || value instanceof Float64Array) {
    return value.map((one) => Number.isNaN(one) ? NaN : one);
  }
  if (value instanceof Map) return new Map(Array.from(value, ([key, one]) => [key, withOneNaN(one)]));
  if (Array.isArray(value)) return value.map(withOneNaN);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withOneNaN(one)]));
}

function contextOf(memory: WebAssembly.Memory, encoding: StringEncoding): CanonicalContext {
  let end = START;
  const cx = new CanonicalContext({
    instance: new ComponentInstance(new Store(), undefined),
    encoding,
    memory,
    realloc(_old, _oldSize, alignment, size) {
      const at = (end + alignment - 1) & -alignment;
      end = at + size;
      return at;
    },
  });
  cx.begin();
  return cx;
}

/** Bytes of which some might be values: any, small ones, or lengths and pointers. */
function noise(random: Random): Uint8Array {
  const way = random.below(3);
  return Uint8Array.from({ length: NOISE_BYTES }, (_, index) => {
    const byte = random.below(256);
    if (way === 0) return byte;
    if (way === 1) return random.below(3) > 0 ? 0 : byte & 7;
    return index % 4 === 0 ? byte & 63 : random.below(30) === 0 ? byte : 0;
  });
}

/** A case as a line of JSON: random types, values, and what the engine made of them. */
export async function referenceCase(random: Random): Promise<string> {
  const types = randomTypes(random, 1 + random.below(8));
  const type = (): TypeReference => random.below(4) === 0 ? "string" : random.below(types.length);
  const parameters = Array.from({ length: 1 + random.below(4) }, type);
  const encoding = random.of(["utf8", "utf16", "latin1+utf16"] as const);
  const stages = [{ encoding, grows: false }];
  const shape = { types, parameters, result: null, async: false, stages };
  const [callee] = (await load(passThrough(shape))).functions;
  const args = parameters.map((one) => withOneNaN(randomValue(random, types, one)));
  const memory = new WebAssembly.Memory({ initial: 4 });
  const cx = contextOf(memory, encoding);
  const codec = parametersCodec(callee!.type, 16);
  codec.lower(cx, args);
  const core = cx.values.map((value, index) => {
    const of = codec.flat[index]!;
    if (of === "f32" || of === "f64") return `${of} ${bits(value as number, of === "f32" ? 4 : 8)}`;
    return `${of} ${of === "i64" ? BigInt.asUintN(64, value as bigint) : (value as number) >>> 0}`;
  });
  const first = codecOf(callee!.type.parameters[0]!.type);
  const noises = Array.from({ length: NOISES }, () => {
    const bytes = noise(random);
    const memory = new WebAssembly.Memory({ initial: 1 });
    new Uint8Array(memory.buffer).set(bytes);
    const at = 16 * random.below(4);
    return {
      at,
      bytes: bytes.toHex(),
      value: orTrap(() => described(types, parameters[0]!, first.load(contextOf(memory, encoding), at))),
    };
  });
  const lifts = Array.from({ length: NOISES }, () => {
    const bytes = noise(random);
    const memory = new WebAssembly.Memory({ initial: 1 });
    new Uint8Array(memory.buffer).set(bytes);
    const cx = contextOf(memory, encoding);
    const core = codec.flat.map((of) => randomCore(random, of));
    cx.values = [...core];
    const lifted = orTrap(() =>
      codec.lift(cx).map((value, index) => described(types, parameters[index]!, value))
    );
    return { core: core.map(String), bytes: bytes.toHex(), values: lifted };
  });
  const bytes = new Uint8Array(memory.buffer);
  return JSON.stringify({
    types,
    parameters,
    encoding,
    args: args.map((value, index) => described(types, parameters[index]!, value)),
    core,
    memory: bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1).toHex(),
    noises,
    lifts,
  });
}

function orTrap(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    if (error instanceof ComponentTrap) return "trap";
    throw error;
  }
}

/** A core value, as WebAssembly hands it to JavaScript. */
function randomCore(random: Random, type: NumberType): number | bigint {
  const small = random.below(4) * random.below(20);
  switch (type) {
    case "i32":
      return random.below(3) > 0 ? small : random.below(2 ** 32) | 0;
    case "i64":
      return random.below(3) > 0
        ? BigInt(small)
        : BigInt.asIntN(64, BigInt(random.below(2 ** 32)) << 32n | BigInt(random.below(2 ** 32)));
    default:
      return small / 4;
  }
}
