import { GhostError } from "../errors.ts";
import { showName, writeName } from "./quote.ts";

/** The types that may cross the wire in CALL and RESULT (docs/protocol.md, "CALL and RESULT"). */
export type NumberType = "i32" | "i64" | "f32" | "f64";

const NUMBER_TYPES: ReadonlySet<string> = new Set<NumberType>(["i32", "i64", "f32", "f64"]);

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

const VALUE_TYPES: ReadonlySet<unknown> = new Set<ValueType>([
  "i32",
  "i64",
  "f32",
  "f64",
  "v128",
  "funcref",
  "externref",
  "anyref",
  "eqref",
  "i31ref",
  "structref",
  "arrayref",
  "exnref",
  "nullref",
  "nullfuncref",
  "nullexternref",
  "nullexnref",
  "ref",
]);

/** Parameters and results that a function may have, each: the limit of the WebAssembly JavaScript interface. */
export const MAX_SIGNATURE_VALUES = 1000;

/** What a function takes and returns. */
export interface Signature {
  /** The types of the parameters, in order. */
  readonly parameters: readonly ValueType[];
  /** The types of the results, in order; WebAssembly functions may have several. */
  readonly results: readonly ValueType[];
}

/** A signature all of whose values can cross the wire; made by {@linkcode checkCallable}. */
export interface CallableSignature extends Signature {
  /** The types of the parameters, in order. */
  readonly parameters: readonly NumberType[];
  /** The types of the results, in order. */
  readonly results: readonly NumberType[];
}

/**
 * `signature` as people read it: `add(i32, i32) -> i32`, `divide(i32, i32) -> (i32, i32)`, `reset()`, `"a b"()`. The name is
 * written as the prompt takes it, whatever its length; see {@linkcode writeName}.
 *
 * @example
 * ```ts
 * import { formatSignature } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatSignature("add", { parameters: ["i32", "i32"], results: ["i32"] }), "add(i32, i32) -> i32");
 * ```
 */
export function formatSignature(name: string, signature: Signature): string {
  return writeName(name) + formatTypes(signature);
}

/**
 * {@linkcode formatSignature} without the name.
 *
 * @example
 * ```ts
 * import { formatTypes } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatTypes({ parameters: ["i32", "i32"], results: ["i32"] }), "(i32, i32) -> i32");
 * ```
 */
export function formatTypes({ parameters, results }: Signature): string {
  const call = `(${parameters.join(", ")})`;
  if (results.length === 0) return call;
  return `${call} -> ${results.length === 1 ? results[0] : `(${results.join(", ")})`}`;
}

/**
 * Returns `signature` when all of its values are numbers.
 *
 * @throws {GhostError} `UNSUPPORTED_SIGNATURE` naming the first type that cannot cross the wire and its position.
 *
 * @example
 * ```ts
 * import { checkCallable, GhostError } from "@ghost/network/gmp";
 * import { assertThrows } from "@std/assert";
 *
 * const signature = { parameters: ["i32", "externref"], results: [] } as const;
 * assertThrows(() => checkCallable("add", signature), GhostError, "parameter 2 is externref");
 * ```
 */
export function checkCallable(name: string, signature: Signature): CallableSignature {
  checkNumbers(name, "parameter", signature.parameters);
  checkNumbers(name, "result", signature.results);
  return signature as CallableSignature;
}

function checkNumbers(name: string, what: string, types: readonly ValueType[]): void {
  const index = types.findIndex((type) => !NUMBER_TYPES.has(type));
  if (index < 0) return;
  throw new GhostError(
    "UNSUPPORTED_SIGNATURE",
    `Cannot call ${showName(name)}: ${what} ${index + 1} is ${types[index]}, not one of i32, i64, f32, f64`,
    { details: { position: index + 1, type: types[index] } },
  );
}

/**
 * The signature in `value`, a decoded message of a peer; other fields of it are not looked at.
 *
 * @throws {GhostError} `BAD_REQUEST` when it is not `{ parameters, results }`, each an array of up to
 * {@linkcode MAX_SIGNATURE_VALUES} names of value types.
 *
 * @example
 * ```ts
 * import { checkSignature } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * const message: unknown = { parameters: ["i32", "i32"], results: ["i32"], handle: 7 };
 * assertEquals(checkSignature(message), { parameters: ["i32", "i32"], results: ["i32"] });
 * ```
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
