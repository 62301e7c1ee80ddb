/** Random types of components, and random values of them: for tests of codecs. */
import { camelCase } from "../../../gmp/types/camel_case.ts";
import type { TypeNode, TypeReference } from "../../../gmp/types/component_types.ts";
import { TYPED_ARRAYS } from "../../../gmp/types/typed_arrays.ts";
import type { Random } from "../_wire.ts";

const SIMPLE = [
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
] as const;
const KINDS = [
  "list",
  "record",
  "tuple",
  "variant",
  "enum",
  "option",
  "result",
  "flags",
  "map",
  "fixed",
] as const;
const LABELS = ["a", "first-name", "x1", "HTTP-status", "constructor", "to-string", "none", "b-2"];
const MANY = Array.from({ length: 257 }, (_, index) => `c${index}`);
const TEXTS = ["", "x", "Ada", "é", "日本", "😀", "\0", "\uFEFFmark", "a".repeat(40), "ü".repeat(50)];

/** A table of `count` nodes without resources, streams and futures. */
export function randomTypes(random: Random, count: number): TypeNode[] {
  const types: TypeNode[] = [];
  while (types.length < count) types.push(randomNode(random, types));
  return types;
}

/** A type that is a primitive, or in the table. */
function randomType(random: Random, types: readonly TypeNode[]): TypeReference {
  return types.length === 0 || random.below(2) === 0 ? random.of([...SIMPLE]) : random.below(types.length);
}

function randomNode(random: Random, types: readonly TypeNode[]): TypeNode {
  const labels = LABELS.slice(0, 1 + random.below(LABELS.length));
  const type = () => randomType(random, types);
  const perhaps = () => random.below(3) === 0 ? null : type();
  switch (random.of([...KINDS])) {
    case "list":
      return ["list", type()];
    case "fixed":
      return ["list", type(), 1 + random.below(4)];
    case "record":
      return ["record", labels.map((label) => [label, type()] as const)];
    case "tuple":
      return ["tuple", labels.map(type)];
    case "variant":
      // Now and then one whose number takes two bytes.
      return ["variant", (random.below(10) > 0 ? labels : MANY).map((label) => [label, perhaps()] as const)];
    case "enum":
      return ["enum", Array.from({ length: random.of([1, 3, 256, 257]) }, (_, i) => `c${i}`)];
    case "option":
      return ["option", type()];
    case "result":
      return ["result", perhaps(), perhaps()];
    case "flags":
      return ["flags", Array.from({ length: 1 + random.below(32) }, (_, i) => `f${i}`)];
    case "map":
      return ["map", random.of(["string", "u8", "char", "s64", "bool"] as const), type()];
  }
}

/** A value of that type, as it is read again: with typed arrays, and with every field. */
export function randomValue(random: Random, types: readonly TypeNode[], type: TypeReference): unknown {
  const value = (of: TypeReference) => randomValue(random, types, of);
  if (typeof type === "string") return randomPrimitive(random, type);
  const node = types[type]!;
  switch (node[0]) {
    case "list": {
      const items = Array.from({ length: node[2] ?? random.below(4) }, () => value(node[1]));
      const TypedArray = TYPED_ARRAYS[node[1] as keyof typeof TYPED_ARRAYS];
      return TypedArray === undefined ? items : new TypedArray(items as never);
    }
    case "record":
      return Object.fromEntries(node[1].map(([label, of]) => [camelCase(label), value(of)]));
    case "tuple":
      return node[1].map(value);
    case "variant":
      return tagged(random.of([...node[1]]), value);
    case "result":
      return tagged(random.of([["ok", node[1]], ["err", node[2]]] as const), value);
    case "enum":
      return random.of([...node[1]]);
    case "option": {
      const isNested = typeof node[1] === "number" && types[node[1]]![0] === "option";
      const isNone = random.below(3) === 0;
      if (!isNested) return isNone ? undefined : value(node[1]);
      return isNone ? { tag: "none" } : { tag: "some", val: value(node[1]) };
    }
    case "flags":
      return Object.fromEntries(node[1].map((label) => [camelCase(label), random.below(2) === 0]));
    case "map":
      return new Map(Array.from({ length: random.below(4) }, () => [value(node[1]), value(node[2])]));
    default:
      throw new Error(`there are no random values of ${node[0]}`);
  }
}

function tagged(
  [tag, type]: readonly [string, TypeReference | null],
  value: (type: TypeReference) => unknown,
): unknown {
  return type === null ? { tag } : { tag, val: value(type) };
}

function randomPrimitive(random: Random, type: TypeReference): unknown {
  switch (type) {
    case "bool":
      return random.below(2) === 0;
    case "char":
      return random.of(["a", "é", "\0", "\uFEFF", "😀", "\u{10ffff}", "\ud7ff", "\ue000"]);
    case "string":
      return random.of(TEXTS);
    default: {
      const numbers = TYPED_ARRAYS[type as keyof typeof TYPED_ARRAYS];
      return new numbers(random.bytes(8).slice().buffer as ArrayBuffer)[0];
    }
  }
}
