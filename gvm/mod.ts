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
export { type AnyGhostError, type ErrorCode, GhostError, isGhostError } from "../gmp/errors.ts";
export type { ModuleName } from "../gmp/names.ts";
export type { FunctionName } from "../gmp/types/function_name.ts";
export type { CallableSignature } from "../gmp/types/signature.ts";
export type { CallResult } from "../gmp/types/values.ts";
export { GhostNode } from "./node/ghost_node.ts";
export type {
  AbortOptions,
  DescribedModule,
  GhostFunction,
  GhostNodeEvents,
  GhostNodeOptions,
  InlineFunction,
  InlineOptions,
  Listener,
  ModuleVersions,
  OnOptions,
  RunOptions,
} from "./node/node_options.ts";
export type { DeclaredArguments, DeclaredResult } from "./node/declared_function.ts";
export { ModuleRun, type StdinSource } from "./calls/module_run.ts";
export type { OutputChunk } from "./calls/held_output.ts";
export type { AcceptPeer } from "./peers/peers.ts";
export type { NodeIdentity } from "../gmp/handshake/identity.ts";
export type { CallOptions, FunctionReference } from "./calls/session_calls.ts";
export type { OutputStream } from "./engine/output.ts";
export type { StandardStream } from "./wasi/mod.ts";
export type { ModuleIdentity } from "./engine/compiled_module.ts";
export { DEFAULT_LIMITS, type ExecutionLimits } from "./engine/execution_limits.ts";
