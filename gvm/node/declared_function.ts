import { GhostError } from "../../gmp/errors.ts";
import type { FunctionDeclaration } from "../../gmp/types/function_name.ts";
import {
  formatFunctionTypes,
  type FunctionSignature,
  isSameFunction,
  parseFunctionTypes,
} from "../../gmp/types/function_signature.ts";
import type { CallResult } from "../../gmp/types/values.ts";
import type { DeclaredArgument, DeclaredReturn, DeclaredValues, Split, Trim } from "./declared_types.ts";

/**
 * The arguments for parameters of these types.
 *
 * @internal
 */
type Arguments<List extends readonly string[]> = { [Index in keyof List]: DeclaredArgument<List[Index]> };

/**
 * The type of what comes after the parameters: `"-> i32"`, `"-> (i32, i64)"`, `"-> list<u8>"` or nothing.
 *
 * @internal
 */
type Result<Text extends string> = Trim<Text> extends "" ? undefined
  : Trim<Text> extends `->${infer Found}`
    ? Trim<Found> extends `(${infer List})` ? DeclaredValues<Split<List>> : DeclaredReturn<Trim<Found>>
  : CallResult;

/**
 * The arguments of a function named with its signature, as in `"math.add(i32, i32) -> i32"` or `"greeter.sum(xs:
 * list<u32>) -> u64"`; anything without one.
 */
export type DeclaredArguments<Name extends string> = Name extends
  `${string}."${string}"(${infer Parameters})${string}` ? Arguments<Split<Parameters>>
  : Name extends `${string}."${string}"` ? readonly unknown[]
  : Name extends `${string}(${infer Parameters})${string}` ? Arguments<Split<Parameters>>
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
  signature: FunctionSignature,
): void {
  if (declared === undefined) return;
  const expected = parseFunctionTypes(declared);
  if (expected !== undefined && isSameFunction(expected, signature)) return;
  const found = formatFunctionTypes(signature);
  throw new GhostError(
    "UNSUPPORTED_SIGNATURE",
    `Cannot use ${written} as ${written}${declared}: its signature is ${written}${found}`,
    { details: { declared, found } },
  );
}
