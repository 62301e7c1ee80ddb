/**
 * The Ghost Virtual Machine as a library: a node that runs WebAssembly modules and functions here and on other nodes.
 *
 * @example A module that runs here
 * ```ts
 * import { GhostNode } from "@ghost/network/gvm";
 *
 * await using node = await GhostNode.start();
 * console.log(await node.run("greet", ["Ada"]).text()); // Hello, Ada!
 * ```
 *
 * @module
 */
import { EXECUTOR_SUBCOMMAND } from "./executors/executor_command.ts";

export type { AbortOptions } from "../gmp/abort_options.ts";
export {
  type AnyGhostError,
  ERROR_SENTENCES,
  type ErrorCode,
  GhostError,
  type GhostErrorOptions,
  isGhostError,
} from "../gmp/errors.ts";
export type { GivenSettings } from "../gmp/device/settings.ts";
export type { ModuleSummary } from "../gmp/messages/module.ts";
export type { ModuleName } from "../gmp/names.ts";
export type { FunctionName } from "../gmp/types/function_name.ts";
export type { PluginConfig } from "../gmp/wasm_format/extism.ts";
export type { ComponentSignature, Primitive, TypeNode, TypeReference } from "../gmp/types/component_types.ts";
export type { FunctionSignature } from "../gmp/types/function_signature.ts";
export type { CallableSignature } from "../gmp/types/signature.ts";
export type { NumberType, ValueTypes } from "../gmp/types/value_types.ts";
export type { CallResult, NumberResult, WasmNumber } from "../gmp/types/values.ts";
export type { OutputChunk } from "./calls/held_output.ts";
export type { ModuleRun, StdinSource } from "./calls/module_run.ts";
export { Resource } from "./calls/resource.ts";
export type { CallOptions, OnOptions } from "./calls/session_calls.ts";
export type { ExecutionLimits } from "./engine/execution_limits.ts";
export type { ImportedFunction, ProgramImports } from "./engine/program_imports.ts";
export type { OutputStream } from "./engine/output.ts";
export type { DeclaredArguments, DeclaredResult } from "./node/declared_function.ts";
export { GhostNode } from "./node/ghost_node.ts";
export type {
  AsyncFunction,
  DescribedModule,
  FoundFunction,
  FunctionOptions,
  GhostFunction,
  GhostNodeEvents,
  GhostNodeOptions,
  InlineFunction,
  InlineOptions,
  Listener,
  RunOptions,
} from "./node/node_options.ts";
export type { AcceptPeer, ConnectingNode } from "./peers/peers_options.ts";
export type { StandardStream } from "./wasi/mod.ts";

// A program that was compiled with the library starts itself as each of its executors. Then it is one, before code of
// its own runs.
if (Deno.build.standalone && Deno.args[0] === EXECUTOR_SUBCOMMAND) {
  const { runCompiledExecutor } = await import("./cli/compiled_executor.ts");
  Deno.exit(await runCompiledExecutor(Deno.args.slice(1)));
}
