import { GhostError } from "../../gmp/errors.ts";
import type { FunctionDeclaration } from "../../gmp/types/function_name.ts";
import {
  type CallableSignature,
  formatTypes,
  isSameSignature,
  parseTypes,
} from "../../gmp/types/signature.ts";
import type { ArgumentOf, ValueOf } from "../../gmp/types/value_types.ts";
import type { CallResult } from "../../gmp/types/values.ts";

type Trim<S extends string> = S extends ` ${infer Rest}` ? Trim<Rest>
  : S extends `${infer Rest} ` ? Trim<Rest>
  : S;

/**
 * `"i32, f64"` as `["i32", "f64"]`.
 *
 * @internal
 */
type Types<List extends string> = Trim<List> extends "" ? []
  : List extends `${infer Head},${infer Tail}` ? [Trim<Head>, ...Types<Tail>]
  : [Trim<List>];

/**
 * The arguments for parameters of these types.
 *
 * @internal
 */
type Arguments<List extends readonly string[]> = { [Index in keyof List]: ArgumentOf<List[Index]> };
type Values<List extends readonly string[]> = { [Index in keyof List]: ValueOf<List[Index]> };

/**
 * The type of what comes after the parameters: `"-> i32"`, `"-> (i32, i64)"` or nothing.
 *
 * @internal
 */
type Result<Text extends string> = Trim<Text> extends "" ? undefined
  : Trim<Text> extends `->${infer Found}` ? Trim<Found> extends `(${infer List})` ? Values<Types<List>>
    : ValueOf<Trim<Found>>
  : CallResult;

/** The arguments of a function named with its signature, as in `"math.add(i32, i32) -> i32"`; anything without one. */
export type DeclaredArguments<Name extends string> = Name extends
  `${string}."${string}"(${infer Parameters})${string}` ? Arguments<Types<Parameters>>
  : Name extends `${string}."${string}"` ? readonly unknown[]
  : Name extends `${string}(${infer Parameters})${string}` ? Arguments<Types<Parameters>>
  : readonly unknown[];

/** The result of a function named with its signature; any without one. */
export type DeclaredResult<Name extends string> = Name extends
  `${string}."${string}"(${string})${infer After}` ? Result<After>
  : Name extends `${string}."${string}"` ? CallResult
  : Name extends `${string}(${string})${infer After}` ? Result<After>
  : CallResult;

/**
 * Compares the signature that a program declared after the name `written` with the one found.
 *
 * @throws {GhostError} `UNSUPPORTED_SIGNATURE` when they differ, naming both.
 */
export function checkDeclared(
  { written, declared }: FunctionDeclaration,
  signature: CallableSignature,
): void {
  if (declared === undefined) return;
  const expected = parseTypes(declared);
  if (expected !== undefined && isSameSignature(expected, signature)) return;
  const found = formatTypes(signature);
  throw new GhostError(
    "UNSUPPORTED_SIGNATURE",
    `Cannot use ${written} as ${written}${declared}: its signature is ${written}${found}`,
    { details: { declared, found } },
  );
}
