import { untilAborted } from "../../gmp/async/until_aborted.ts";
import { print, writeBytes } from "../../gmp/command/console.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { ComponentSignature } from "../../gmp/types/component_types.ts";
import { formatType } from "../../gmp/types/type_text.ts";
import type { NumberType } from "../../gmp/types/value_types.ts";
import type { NumberResult, WasmNumber } from "../../gmp/types/values.ts";
import type { OutputStream } from "../engine/output.ts";
import type { GhostNode } from "../node/ghost_node.ts";
import { callFunction } from "../repl/call_function.ts";
import type { Call, Expression, Run } from "../repl/language/syntax.ts";
import { type FunctionSignature, isComponentSignature } from "../../gmp/types/function_signature.ts";
import { Handles } from "../repl/handles.ts";
import { moduleOf } from "../repl/module_of.ts";
import { errorType, okType, payloadOf, withPayload } from "../repl/result.ts";
import { processExitCode } from "./exit_code.ts";
import { type Json, type NameOf, numberAsJson, valueAsJson } from "./json_value.ts";
import { openInput } from "./file_input.ts";
import { connect, inputOf } from "./one_line.ts";
import { readValue } from "./read_value.ts";
import { settledValue } from "../../gmp/types/settled_value.ts";
import { standardInput } from "./standard_input.ts";
import type { Target } from "./target.ts";

/**
 * Does the line of `gvm run --json` and prints one line of JSON; returns the exit code.
 *
 * @throws {UsageError} for a line that has nothing to print as JSON.
 * @throws {GhostError} what the node throws.
 */
export async function doInJson(
  expression: Expression,
  target: Target | undefined,
  node: GhostNode,
  signal: AbortSignal,
): Promise<number> {
  if (target === undefined) {
    print(JSON.stringify(await answer(expression, node, signal)));
    return 0;
  }
  const { on } = target;
  await connect(node, on, signal);
  const where = { signal, ...on === undefined ? {} : { on } };
  return target.target.kind === "call"
    ? await call(target.target, node, where)
    : await run(target.target, node, where);
}

interface Where {
  readonly on?: string;
  readonly signal: AbortSignal;
}

async function call(target: Call, node: GhostNode, where: Where): Promise<number> {
  const texts = new Texts();
  const sources = { handles: new Handles(), file: readValue, open: openInput };
  using file = target.input && await openInput(target.input.text);
  let signature: FunctionSignature | undefined;
  const nameOf = (value: object, resource: string) =>
    sources.handles.of(value, resource, { on: where.on, module: moduleOf(target) }).name;
  try {
    const { result } = await callFunction(target, node, sources, {
      ...where,
      input: file === undefined ? standardInput : () => file.bytes(),
      output: texts.take,
      before: (found) => signature = found.signature,
    });
    const whole = await settledValue(result);
    print(JSON.stringify({ ...resultOf(whole, signature!, nameOf), output: texts.end() }));
    return 0;
  } catch (error) {
    throw signature === undefined ? error : failureOf(error, signature, nameOf);
  }
}

async function run(target: Run, node: GhostNode, where: Where): Promise<number> {
  const text = new Texts();
  using file = target.input && await openInput(target.input.text);
  const stdin = file?.bytes() ?? inputOf(target)!;
  const argv = target.argv.map(({ text }) => text);
  const run = node.run(moduleOf(target), argv, { ...where, stdin });
  // What it holds until it is read is limited, and all of it is to be one line.
  for await (const { bytes, stream } of run) text.take(bytes, stream);
  const exitCode = await run.exitCode;
  print(JSON.stringify({ exitCode, output: text.end() }));
  return processExitCode(exitCode);
}

async function answer(expression: Expression, node: GhostNode, signal: AbortSignal): Promise<Json> {
  switch (expression.kind) {
    case "discover":
      return await node.discover({ signal });
    case "list":
      return node.list();
    case "modules":
      return (await node.modules({ signal })).map(({ name, versions }) => ({ name, versions }));
    case "connect":
      await node.connect(expression.node.text, { signal });
      return { connected: expression.node.text };
    case "disconnect":
      await untilAborted(node.disconnect(expression.node.text), signal);
      return { disconnected: expression.node.text };
    case "reset":
      await node.reset(moduleOf(expression), { signal });
      return { reset: expression.module.text };
    default:
      throw new UsageError("--json goes with a module, a function or a Node command");
  }
}

/** The result of a call, and the types of the results: none is null, several are an array. */
function resultOf(
  result: unknown,
  signature: FunctionSignature,
  nameOf: NameOf,
): { result: Json; types: Json } {
  if (!isComponentSignature(signature)) {
    return { result: numbersOf(result as NumberResult, signature.results), types: signature.results };
  }
  const type = okType(signature);
  if (type === null) return { result: null, types: [] };
  const { types } = signature;
  return { result: valueAsJson(result, type, types, nameOf), types: [formatType(types, type)] };
}

/** The error of a call; what a function that failed returned is the `payload` of its details. */
function failureOf(error: unknown, signature: FunctionSignature, nameOf: NameOf): unknown {
  const shown = withPayload(error, signature, { resource: nameOf });
  const type = isComponentSignature(signature) ? errorType(signature) : null;
  if (shown === error || !(shown instanceof GhostError) || type === null) return error;
  const { types } = signature as ComponentSignature;
  const payload = valueAsJson(payloadOf(error as GhostError), type, types, nameOf);
  return new GhostError("FUNCTION_FAILED", shown.message, { cause: error, details: { payload } });
}

/** Numbers of a core module as JSON. */
function numbersOf(result: NumberResult, types: readonly NumberType[]): Json {
  if (result === undefined) return null;
  return isList(result)
    ? result.map((value, i) => numberAsJson(value, types[i]!))
    : numberAsJson(result, types[0]!);
}

function isList(result: NumberResult): result is readonly WasmNumber[] {
  return Array.isArray(result);
}

/** What is written to standard output, as text; what is written to standard error goes there. */
class Texts {
  readonly #decoder = new TextDecoder();
  #text = "";

  readonly take = (bytes: Uint8Array, stream: OutputStream): void => {
    if (stream === "stderr") writeBytes(bytes, stream);
    else this.#text += this.#decoder.decode(bytes, { stream: true });
  };

  end(): string {
    return this.#text + this.#decoder.decode();
  }
}
