import { GhostError } from "../errors.ts";
import { showName, writeName } from "./quote.ts";
import { isDescribed, type NumberType, TYPE_NAMES } from "./value_types.ts";

/**
 * The type of a value in a module (core specification 3.0, "Value Types"). Nullable references to a built-in heap type
 * have the name of the text format; all others, such as `(ref $point)`, are `"ref"`.
 */
export type ValueType =
  | NumberType
  | "v128"
  | "funcref"
  | "externref"
  | "anyref"
  | "eqref"
  | "i31ref"
  | "structref"
  | "arrayref"
  | "exnref"
  | "nullref"
  | "nullfuncref"
  | "nullexternref"
  | "nullexnref"
  | "ref";

/** Nullable references to abstract heap types, by the heap type's byte, which is also their short form. */
export const REFERENCE_CODES: ReadonlyMap<number, ValueType> = new Map<number, ValueType>([
  [0x74, "nullexnref"],
  [0x73, "nullfuncref"],
  [0x72, "nullexternref"],
  [0x71, "nullref"],
  [0x70, "funcref"],
  [0x6f, "externref"],
  [0x6e, "anyref"],
  [0x6d, "eqref"],
  [0x6c, "i31ref"],
  [0x6b, "structref"],
  [0x6a, "arrayref"],
  [0x69, "exnref"],
]);

const VALUE_TYPES: ReadonlySet<unknown> = new Set<unknown>([
  ...TYPE_NAMES,
  "v128",
  ...REFERENCE_CODES.values(),
  "ref",
]);

/** The limit for a function's parameters and for its results, as in the WebAssembly JavaScript interface. */
export const MAX_SIGNATURE_VALUES = 1000;

/** What a function takes and returns. */
export interface Signature {
  /** The types of the parameters, in order. */
  readonly parameters: readonly ValueType[];
  /** The types of the results, in order; WebAssembly functions may have several. */
  readonly results: readonly ValueType[];
}

/** A signature whose values can all cross the wire. */
export interface CallableSignature {
  /** The types of the parameters, in order. */
  readonly parameters: readonly NumberType[];
  /** The types of the results, in order. */
  readonly results: readonly NumberType[];
}

/**
 * `signature` for people: `add(i32, i32) -> i32`, `divide(i32, i32) -> (i32, i32)`, `reset()`, `"a b"()`. The name is
 * written in full, as the prompt takes it; see {@linkcode writeName}.
 */
export function formatSignature(name: string, signature: Signature): string {
  return writeName(name) + formatTypes(signature);
}

/** {@linkcode formatSignature} without the name. */
export function formatTypes({ parameters, results }: Signature): string {
  const call = `(${parameters.join(", ")})`;
  if (results.length === 0) return call;
  return `${call} -> ${results.length === 1 ? results[0] : `(${results.join(", ")})`}`;
}

/** A signature without spaces: the parameters, then one result, or several in parentheses. */
const WRITTEN_TYPES = /^\(([^()]*)\)(?:->(?:\(([^()]+,[^()]+)\)|([^(),]+)))?$/;

/** Parses what {@linkcode formatTypes} writes, with any spaces; `undefined` if it is not a signature of numbers. */
export function parseTypes(text: string): CallableSignature | undefined {
  const found = WRITTEN_TYPES.exec(text.replaceAll(" ", ""));
  if (found === null) return undefined;
  const parameters = splitTypes(found[1]);
  const results = splitTypes(found[2] ?? found[3]);
  return areNumbers(parameters) && areNumbers(results) ? { parameters, results } : undefined;
}

function splitTypes(list: string | undefined): readonly string[] {
  return list === undefined || list === "" ? [] : list.split(",");
}

function areNumbers(names: readonly string[]): names is readonly NumberType[] {
  return names.every(isDescribed);
}

/** Whether two signatures are the same. */
export function isSameSignature(one: Signature, other: Signature): boolean {
  return areSame(one.parameters, other.parameters) && areSame(one.results, other.results);
}

function areSame(types: readonly ValueType[], others: readonly ValueType[]): boolean {
  return types.length === others.length && types.every((type, index) => type === others[index]);
}

/**
 * Returns `signature` when all of its values are numbers.
 *
 * @throws {GhostError} `UNSUPPORTED_SIGNATURE` naming the first type that cannot cross the wire and its position.
 */
export function checkCallable(name: string, signature: Signature): CallableSignature {
  checkNumbers(name, "parameter", signature.parameters);
  checkNumbers(name, "result", signature.results);
  return signature as CallableSignature;
}

function checkNumbers(name: string, what: string, types: readonly ValueType[]): void {
  const index = types.findIndex((type) => !isDescribed(type));
  if (index < 0) return;
  throw new GhostError(
    "UNSUPPORTED_SIGNATURE",
    `Cannot call ${showName(name)}: ${what} ${index + 1} is ${types[index]}, not one of ${
      TYPE_NAMES.join(", ")
    }`,
    { details: { position: index + 1, type: types[index] } },
  );
}

/**
 * The signature in `value`, a peer's decoded message; its other fields are ignored.
 *
 * @throws {GhostError} `BAD_REQUEST` when it is not `{ parameters, results }`, each an array of up to
 * {@linkcode MAX_SIGNATURE_VALUES} names of value types.
 */
export function checkSignature(value: unknown): Signature {
  if (typeof value !== "object" || value === null) {
    throw new GhostError("BAD_REQUEST", "Cannot read the signature: it is not a map");
  }
  const { parameters, results } = value as { parameters?: unknown; results?: unknown };
  return { parameters: checkTypes("parameters", parameters), results: checkTypes("results", results) };
}

function checkTypes(what: string, value: unknown): ValueType[] {
  if (!Array.isArray(value)) {
    throw new GhostError("BAD_REQUEST", `Cannot read the signature: "${what}" is not an array`);
  }
  if (value.length > MAX_SIGNATURE_VALUES) {
    throw new GhostError(
      "BAD_REQUEST",
      `Cannot read the signature: "${what}" has ${value.length} types, above the limit of ${MAX_SIGNATURE_VALUES}`,
    );
  }
  return Array.from(value, (type: unknown, index) => {
    if (VALUE_TYPES.has(type)) return type as ValueType;
    throw new GhostError(
      "BAD_REQUEST",
      `Cannot read the signature: "${what}" ${index + 1} is not a value type`,
    );
  });
}
