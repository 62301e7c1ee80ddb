/**
 * Ghost Network: nodes that run WebAssembly modules and functions on each other.
 *
 * @example A node that calls a function of another one
 * ```ts
 * import { GhostNode } from "@ghost/network";
 *
 * await using node = await GhostNode.start();
 * await node.connect("node-8399");
 * console.log(await node.call("math.add", [34, 34], { on: "node-8399" })); // 68
 * ```
 *
 * @module
 */
export {
  type AbortOptions,
  type AcceptPeer,
  type AnyGhostError,
  type CallableSignature,
  type CallOptions,
  type CallResult,
  type DeclaredArguments,
  type DeclaredResult,
  type DescribedModule,
  ERROR_SENTENCES,
  type ErrorCode,
  type ExecutionLimits,
  type FoundFunction,
  type FunctionName,
  GhostError,
  type GhostErrorOptions,
  type GhostFunction,
  GhostNode,
  type GhostNodeEvents,
  type GhostNodeOptions,
  type GivenSettings,
  type InlineFunction,
  type InlineOptions,
  isGhostError,
  type Listener,
  type ModuleName,
  type ModuleRun,
  type ModuleSummary,
  type NodeIdentity,
  type NumberType,
  type OnOptions,
  type OutputChunk,
  type OutputStream,
  type RunOptions,
  type StandardStream,
  type StdinSource,
  type ValueTypes,
  type WasmNumber,
} from "./gvm/mod.ts";
export {
  type DaemonStatus,
  type FoundDaemon,
  GpmdClient,
  type GpmdClientOptions,
  type LaunchedDaemon,
  type ModuleInfo,
  type ModuleItem,
  type NodeSummary,
  type PortCounts,
  startAttachedDaemon,
  startDaemon,
  type StartedDaemon,
  type UploadedModule,
  type UploadOptions,
  type VersionSummary,
} from "./gpmd/mod.ts";
