import { camelCase } from "../../gmp/types/camel_case.ts";
import type { Primitive, TypeNode, TypeReference } from "../../gmp/types/component_types.ts";
import { describeType, type NumberType } from "../../gmp/types/value_types.ts";

/** A value that `JSON.stringify` takes as it is meant; `RawJson` is text. */
export type Json =
  | string
  | number
  | boolean
  | null
  | RawJson
  | readonly Json[]
  | { readonly [name: string]: Json };

/** Text of JSON (ECMAScript, `JSON.rawJSON`), which TypeScript's library has no type for yet. */
interface RawJson {
  readonly rawJSON: string;
}

/** JSON has a -0, and `JSON.stringify` writes none. */
const NEGATIVE_ZERO = (JSON as unknown as { rawJSON(text: string): RawJson }).rawJSON("-0");

/** What resources are called. */
export type NameOf = (value: object, resource: string) => string;

/**
 * A value of a component's type as JSON. As in the JSON of Protocol Buffers, 64-bit integers are text, `list<u8>` is text in
 * base64, and so is what JSON has no number for: `"NaN"`, `"Infinity"`, `"-Infinity"`. Records have the names of WIT; a case
 * is its name, or with a payload an object of one field, `{"rect": [2, 3]}`; so are results, and options in options; other
 * options are their value or null. A stream is a list of its elements, a future its value. Flags are a list of those that are set, maps of pairs, a resource is its name.
 */
export function valueAsJson(
  value: unknown,
  type: TypeReference,
  types: readonly TypeNode[],
  nameOf: NameOf,
): Json {
  const json = (one: unknown, type: TypeReference) => valueAsJson(one, type, types, nameOf);
  const perhaps = (one: unknown, type: TypeReference | null) => type === null ? null : json(one, type);
  const isOption = (type: TypeReference) => typeof type === "number" && types[type]![0] === "option";
  if (typeof type !== "number") return primitive(value, type);
  const node = types[type]!;
  switch (node[0]) {
    case "list":
    case "stream":
      if (node[1] === "u8") return Uint8Array.from(value as Uint8Array).toBase64();
      return Array.from(value as ArrayLike<unknown>, (item) => perhaps(item, node[1]));
    case "future":
      return perhaps(value, node[1]);
    case "tuple":
      return node[1].map((part, i) => json((value as unknown[])[i], part));
    case "record":
      return Object.fromEntries(
        node[1].map((
          [name, type],
        ) => [name, json((value as Record<string, unknown>)[camelCase(name)], type)]),
      );
    case "variant": {
      const { tag, val } = value as { tag: string; val?: unknown };
      const payload = node[1].find(([name]) => name === tag)?.[1] ?? null;
      return payload === null ? tag : { [tag]: json(val, payload) };
    }
    case "result": {
      const { tag, val } = value as { tag: "ok" | "err"; val?: unknown };
      const payload = tag === "ok" ? node[1] : node[2];
      return payload === null ? tag : { [tag]: json(val, payload) };
    }
    case "option": {
      if (!isOption(node[1])) return value === undefined ? null : json(value, node[1]);
      const { tag, val } = value as { tag: "some" | "none"; val?: unknown };
      return tag === "none" ? null : { some: json(val, node[1]) };
    }
    case "enum":
      return value as string;
    case "flags":
      return node[1].filter((name) => (value as Record<string, boolean>)[camelCase(name)] === true);
    case "map":
      return Array.from(
        value as Map<unknown, unknown>,
        ([key, item]) => [json(key, node[1]), json(item, node[2])],
      );
    case "own":
    case "borrow":
      return nameOf(value as object, node[1]);
  }
}

function primitive(value: unknown, type: Primitive): Json {
  if (typeof value === "bigint" || typeof value === "number") return numberAsJson(value, type);
  return type === "error-context" ? String(value) : value as Json;
}

/**
 * A number as JSON: a 64-bit integer as text, since most readers of JSON would round it, and so what JSON has no number for;
 * an f32 with the digits that tell it from other f32.
 */
export function numberAsJson(value: number | bigint, type: Primitive | NumberType): Json {
  if (typeof value === "bigint" || !Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return NEGATIVE_ZERO;
  return type === "f32" ? Number(describeType("f32").print(value)) : value;
}
