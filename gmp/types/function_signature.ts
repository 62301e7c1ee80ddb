import { checkComponentSignature } from "./check_types.ts";
import type { ComponentSignature, TypeNode, TypeReference } from "./component_types.ts";
import { parseComponentTypes } from "./parse_type_text.ts";
import { writeName } from "./quote.ts";
import {
  type CallableSignature,
  checkCallable,
  checkSignature,
  formatTypes,
  isSameSignature,
  parseTypes,
} from "./signature.ts";
import { formatComponentTypes } from "./type_text.ts";

/** What a function takes and returns: one of a core module numbers, one of a component values of any type. */
export type FunctionSignature = CallableSignature | ComponentSignature;

/** Whether it is the signature of a component's function. */
export function isComponentSignature(signature: FunctionSignature): signature is ComponentSignature {
  return "types" in signature;
}

/**
 * The signature of `name` in a peer's decoded message, which has a type table if it is that of a component's function.
 *
 * @throws {GhostError} `BAD_REQUEST` when it is malformed, `UNSUPPORTED_SIGNATURE` when its values cannot cross the wire.
 */
export function checkFunctionSignature(name: string, message: object): FunctionSignature {
  if ("types" in message) return checkComponentSignature(message);
  return checkCallable(name, checkSignature(message));
}

/** A signature for people, behind the name: `add(i32, i32) -> i32`, `greet(name: string) -> string`. */
export function formatFunction(name: string, signature: FunctionSignature): string {
  return writeName(name) + formatFunctionTypes(signature);
}

/** {@linkcode formatFunction} without the name. */
export function formatFunctionTypes(signature: FunctionSignature): string {
  return isComponentSignature(signature) ? formatComponentTypes(signature) : formatTypes(signature);
}

/** Parses what {@linkcode formatFunctionTypes} writes, with any spaces; `undefined` if it is no signature. */
export function parseFunctionTypes(text: string): FunctionSignature | undefined {
  return parseTypes(text) ?? parseComponentTypes(text);
}

/** Whether two signatures have the same types, whatever their parameters are called. */
export function isSameFunction(one: FunctionSignature, other: FunctionSignature): boolean {
  const isOne = isComponentSignature(one);
  if (isOne !== isComponentSignature(other)) return false;
  return isOne
    ? isSameComponent(one, other as ComponentSignature)
    : isSameSignature(one, other as CallableSignature);
}

/** Equal types get equal numbers, in whichever table they are, so that no part of a type is compared twice. */
function isSameComponent(one: ComponentSignature, other: ComponentSignature): boolean {
  const numbers = new Map<string, number>();
  const [ofOne, ofOther] = [numberTypes(one.types, numbers), numberTypes(other.types, numbers)];
  const same = (a: TypeReference | null, b: TypeReference | null) => {
    return (typeof a === "number" ? ofOne[a] : a) === (typeof b === "number" ? ofOther[b] : b);
  };
  return one.parameters.length === other.parameters.length && same(one.result, other.result) &&
    one.parameters.every(([, type], index) => same(type, other.parameters[index]![1])) &&
    (one.async ?? false) === (other.async ?? false);
}

function numberTypes(types: readonly TypeNode[], numbers: Map<string, number>): number[] {
  const found: number[] = [];
  const of = (type: TypeReference | null) => typeof type === "number" ? found[type] : type;
  for (const node of types) {
    const key = JSON.stringify(parts(node, of));
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    found.push(number);
  }
  return found;
}

function parts(node: TypeNode, of: (type: TypeReference | null) => unknown): unknown {
  switch (node[0]) {
    case "list":
      return [node[0], of(node[1]), node[2]];
    case "record":
    case "variant":
      return [node[0], node[1].map(([label, type]) => [label, of(type)])];
    case "tuple":
      return [node[0], node[1].map(of)];
    case "option":
    case "stream":
    case "future":
      return [node[0], of(node[1])];
    case "result":
    case "map":
      return [node[0], of(node[1]), of(node[2])];
    default:
      return node;
  }
}
