import { GhostError } from "../../gmp/errors.ts";
import type { ComponentSignature, TypeReference } from "../../gmp/types/component_types.ts";
import { type FunctionSignature, isComponentSignature } from "../../gmp/types/function_signature.ts";
import { describeType, type NumberType } from "../../gmp/types/value_types.ts";
import type { NumberResult, WasmNumber } from "../../gmp/types/values.ts";
import { printWave, type WaveOptions } from "../../gmp/types/wave/print_wave.ts";

/**
 * A call's result as text: `3`, `[1, 2]` for several, undefined for none; each value as its type prints it, that of a
 * component as WAVE. A result that is `ok` is its value alone.
 */
export function resultText(
  result: unknown,
  signature: FunctionSignature,
  options: WaveOptions,
): string | undefined {
  if (!isComponentSignature(signature)) return formatResult(result as NumberResult, signature.results);
  const type = okType(signature);
  return type === null ? undefined : printWave(result, type, signature.types, options);
}

/** The type of what a call returns if it does not fail, `null` for nothing. */
export function okType({ result, types }: ComponentSignature): TypeReference | null {
  const node = typeof result === "number" ? types[result]! : undefined;
  return node?.[0] === "result" ? node[1] : result;
}

/**
 * `FUNCTION_FAILED` with its payload as WAVE for a sentence; any other error as it is. `signature` is that of the function,
 * if it was found.
 */
export function withPayload(
  error: unknown,
  signature: FunctionSignature | undefined,
  options: WaveOptions,
): unknown {
  if (!(error instanceof GhostError) || error.code !== "FUNCTION_FAILED" || signature === undefined) {
    return error;
  }
  const type = isComponentSignature(signature) ? errorType(signature) : null;
  if (!isComponentSignature(signature) || type === null) return error;
  const text = printWave(payloadOf(error), type, signature.types, options);
  return new GhostError("FUNCTION_FAILED", text, { cause: error });
}

/** What a function that failed returned. */
export function payloadOf(error: GhostError): unknown {
  return (error as { payload?: unknown }).payload;
}

/** The type of the payload of `FUNCTION_FAILED`, `null` for none. */
export function errorType({ result, types }: ComponentSignature): TypeReference | null {
  const node = typeof result === "number" ? types[result]! : undefined;
  return node?.[0] === "result" ? node[2] : null;
}

/** The numbers that a function of a core module returned, as text: see {@linkcode resultText}. */
export function formatResult(result: NumberResult, types: readonly NumberType[]): string | undefined {
  if (result === undefined) return undefined;
  if (!isList(result)) return describeType(types[0]!).print(result);
  if (result.length === 0) return undefined;
  const values = result.map((value, i) => describeType(types[i]!).print(value));
  return values.length > 1 ? `[${values.join(", ")}]` : values[0];
}

function isList(result: NumberResult): result is readonly WasmNumber[] {
  return Array.isArray(result);
}
