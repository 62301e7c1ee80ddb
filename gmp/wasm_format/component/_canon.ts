import type { CanonicalOptions, Lift, Lower } from "./component_description.ts";
import { sameSignature } from "./_core_types.ts";
import { FLAT_VALUES, flattenAll, type FlatType, hasPointers } from "./_layout.ts";
import { type FunctionNode, stepsOf, type ValueType } from "./resolved_types.ts";
import type { Scope } from "./_scope.ts";
import { formatTypes, type Signature } from "../../types/signature.ts";

/** The most core values that the parameters of an asynchronous call are passed as. */
const ASYNC_FLAT_VALUES = 4;

/** Values go into the component's memory, or come out of it. */
type Direction = "in" | "out";

/** The type of a lifted function (component-model, "canon lift"). */
export function checkLift(scope: Scope, { function: index, options, type: typeIndex }: Lift): FunctionNode {
  const type = scope.functionType(typeIndex);
  scope.validation.take(stepsOf(type));
  const actual = scope.get("core func", index);
  checkOptions(scope, options);
  if (options.async && !type.async) scope.fail("the option async is on a function that is not async");
  const { parameters, results } = liftedSignature(type, options);
  checkSignature(scope, actual, { parameters, results }, "the lifted core function");
  if (options.postReturn !== undefined) {
    if (options.async) scope.fail("the options async and post-return are together");
    const post = scope.get("core func", options.postReturn);
    checkSignature(scope, post, { parameters: results, results: [] }, "the post-return function");
  }
  const pass = new PassedValues(scope, options);
  for (const [, parameter] of type.parameters) pass.values(parameter, "in");
  pass.values(type.result, "out");
  if (flattenParameters(type).length > FLAT_VALUES) pass.needs("realloc");
  if (flattenResult(type).length > (options.async ? FLAT_VALUES : 1)) pass.needs("memory");
  return type;
}

function liftedSignature(type: FunctionNode, options: CanonicalOptions): {
  parameters: readonly FlatType[];
  results: readonly FlatType[];
} {
  const flat = flattenParameters(type);
  const parameters: readonly FlatType[] = flat.length > FLAT_VALUES ? ["i32"] : flat;
  if (options.async) return { parameters, results: options.callback === undefined ? [] : ["i32"] };
  const results = flattenResult(type);
  return { parameters, results: results.length > 1 ? ["i32"] : results };
}

/** The core signature of a lowered function (component-model, "canon lower"). */
export function checkLower(scope: Scope, { function: index, options }: Lower): Signature {
  const type = scope.get("func", index);
  scope.validation.take(stepsOf(type));
  checkOptions(scope, options);
  if (options.postReturn !== undefined) scope.fail("the option post-return is on a lowered function");
  if (options.callback !== undefined) scope.fail("the option callback is on a lowered function");
  if (options.async && !type.async) scope.fail("the option async is on a function that is not async");
  return lowered(scope, type, options);
}

/** The core signature of a function of `type` that is lowered with `options`. */
export function lowered(scope: Scope, type: FunctionNode, options: CanonicalOptions): Signature {
  const pass = new PassedValues(scope, options);
  for (const [, parameter] of type.parameters) pass.values(parameter, "out");
  pass.values(type.result, "in");
  const flat = flattenParameters(type);
  const results = flattenResult(type);
  const most = options.async ? ASYNC_FLAT_VALUES : FLAT_VALUES;
  const returnsInMemory = results.length > (options.async ? 0 : 1);
  if (flat.length > most || returnsInMemory) pass.needs("memory");
  const parameters: FlatType[] = flat.length > most ? ["i32"] : [...flat];
  if (returnsInMemory) parameters.push("i32");
  return { parameters, results: options.async ? ["i32"] : returnsInMemory ? [] : results };
}

function flattenParameters({ parameters }: FunctionNode): readonly FlatType[] {
  return flattenAll(parameters.map(([, type]) => type));
}

function flattenResult({ result }: FunctionNode): readonly FlatType[] {
  return result === null ? [] : flattenAll([result]);
}

/** The options that values need which are passed. */
export class PassedValues {
  readonly #scope: Scope;
  readonly #options: CanonicalOptions;

  constructor(scope: Scope, options: CanonicalOptions) {
    this.#scope = scope;
    this.#options = options;
  }

  values(type: ValueType | null, direction: Direction): void {
    if (!hasPointers(type)) return;
    this.needs("memory");
    if (direction === "in") this.needs("realloc");
  }

  needs(option: "memory" | "realloc"): void {
    if (this.#options[option] === undefined) {
      this.#scope.fail(`values are passed in memory, and the option ${option} is missing`);
    }
  }
}

/** Checks options for themselves (component-model, "canonopt Validation"). */
export function checkOptions(scope: Scope, options: CanonicalOptions): void {
  const { memory, realloc, callback } = options;
  if (memory !== undefined) checkMemory(scope, memory);
  if (realloc !== undefined) {
    if (memory === undefined) scope.fail("the option realloc is without the option memory");
    const expected: Signature = { parameters: ["i32", "i32", "i32", "i32"], results: ["i32"] };
    checkSignature(scope, scope.get("core func", realloc), expected, "the realloc function");
  }
  if (callback !== undefined) {
    if (!options.async) scope.fail("the option callback is without the option async");
    const expected: Signature = { parameters: ["i32", "i32", "i32"], results: ["i32"] };
    checkSignature(scope, scope.get("core func", callback), expected, "the callback function");
  }
}

/** Checks the memory in which values are passed. */
export function checkMemory(scope: Scope, index: number): void {
  const { shared, is64 } = scope.get("core memory", index);
  if (shared) scope.fail("values are passed in a memory that threads share");
  if (is64) scope.fail("values are passed in a memory of 64-bit addresses, which is not supported");
}

function checkSignature(scope: Scope, actual: Signature, expected: Signature, what: string): void {
  if (sameSignature(actual, expected)) return;
  scope.fail(`${what} is of the type ${formatTypes(actual)}, not ${formatTypes(expected)}`);
}
