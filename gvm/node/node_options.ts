import type { AbortOptions } from "../../gmp/abort_options.ts";
import type { GhostError } from "../../gmp/errors.ts";
import type { FunctionSignature } from "../../gmp/types/function_signature.ts";
import type { GivenSettings } from "../../gmp/device/settings.ts";
import type { StandardStream } from "../wasi/mod.ts";
import type { ProgramImports } from "../engine/program_imports.ts";
import type { PluginConfig } from "../../gmp/wasm_format/extism.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import type { DeclaredArguments, DeclaredResult } from "./declared_function.ts";
import type { StdinSource } from "../calls/module_run.ts";
import type { AcceptPeer } from "../peers/peers_options.ts";
import type { CallOptions } from "../calls/session_calls.ts";

/** Options for starting a node; all have defaults. */
export interface GhostNodeOptions extends Pick<GivenSettings, "home" | "gmpPort">, AbortOptions {
  /** Its name, `node-` and four digits by default. */
  name?: string;
  /** The secret of the store, read from `home` by default. */
  secret?: Uint8Array;
  /** Decides who may connect; by default, every node with a ticket from GPMD. What it throws is told to the node, which is denied. */
  accept?: AcceptPeer;
  /** Limits of every call that runs here. */
  limits?: Partial<ExecutionLimits>;
  /** The configuration of Extism plug-ins that this node calls, unless a call has its own; none by default. */
  config?: PluginConfig;
  /** Executor processes that may run at once, 8 by default. */
  executors?: number;
}

/** A node's events, by name. */
export interface GhostNodeEvents {
  /** A node was connected, by either side. */
  connect: { readonly name: string };
  /** A node went away: with an error unless either side said goodbye. */
  disconnect: { readonly name: string; readonly error: GhostError | undefined };
  /**
   * GPMD went away, or is back and knows this node again; `refused` when it is back but rejects this node,
   * for the reason in `error` (`NAME_TAKEN`: another node now has the name). The node keeps trying.
   */
  gpmd: { readonly state: "lost" | "back" | "refused"; readonly error?: GhostError };
}

/** One version of a module, and the functions that it exports. */
export interface DescribedModule {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** SHA-256 of its file, 64 hexadecimal digits. */
  readonly hash: string;
  /** Bytes of its file. */
  readonly size: number;
  /** Its functions in the file's order, each with its signature as people read it: `add(i32, i32) -> i32`. */
  readonly functions: readonly { readonly name: string; readonly signature: string }[];
}

/** Where a function runs, who receives its output, and what its module is given. */
export interface FunctionOptions extends CallOptions {
  /**
   * What the program provides to the module, which runs on its own node in a process of its own, as {@linkcode InlineOptions} has
   * it: functions of values (of no resources, streams and futures), of up to 240 KiB, which may return promises. The module
   * waits for each.
   */
  imports?: ProgramImports;
}

/** How a module is run. */
export interface RunOptions extends CallOptions {
  /** Runs it in this process, and so on no other node, which states that the program trusts it. */
  isolation?: "inline";
  /** What the program provides to it, as {@linkcode FunctionOptions} has it; in this process also functions of resources. */
  imports?: ProgramImports;
  /** Its environment, empty by default. */
  env?: Readonly<Record<string, string>>;
  /** Its standard input, empty by default. */
  stdin?: StdinSource;
  /**
   * Those of its standard streams that are connected to a terminal, none by default. A program writes to a
   * terminal line by line, perhaps in colour; to a file or a pipe it writes in blocks.
   */
  terminals?: readonly StandardStream[];
}

/** What a function that was looked up says of itself. */
export interface FoundFunction {
  /** Name of its module. */
  readonly module: string;
  /** The version that was found. */
  readonly version: string;
  /** What it takes and returns. */
  readonly signature: FunctionSignature;
}

/** A function as a program declares it: of any arguments, and with a promise of any result. */
export type AsyncFunction = (...args: never[]) => Promise<unknown>;

/**
 * A function that was looked up once; calling it sends one frame and awaits one. Its types come from the
 * signature in `Name`, if the program declares it: `GhostFunction<"math.add(i32, i32) -> i32">`.
 */
export interface GhostFunction<Name extends string = string> extends FoundFunction {
  /** Calls it: the result, `undefined` without one, an array of several. */
  (...args: DeclaredArguments<Name>): Promise<DeclaredResult<Name>>;
}

/** Options for a function that runs in this process. */
export interface InlineOptions {
  /** States that the program trusts the module. */
  isolation: "inline";
  /** Receives the function's output. */
  output?: CallOptions["output"];
  /** The configuration of an Extism plug-in, by key; functions with the same share their module's instance. */
  config?: PluginConfig;
  /**
   * What the program provides to the module, beside what nodes provide to any: functions by the name of the interface or module
   * that they are imported from (`"ghost:demo/log@1.0.0"`, `"env"`; `"$root"` for the world of a component) and by their own, in
   * WIT's spelling or camelCase. They take and return values as functions of a module do, of a `result` `{ tag, val }`, and none
   * may return a promise. Functions that are looked up with the same object share their module's instance, whose memory counts
   * until `GhostNode.reset`, or until the program refers neither to the object nor to a function and V8 has found that.
   */
  imports?: ProgramImports;
}

/** A function that runs in this process, at the speed of V8; docs/security.md, "What is not promised", says what that costs. */
export interface InlineFunction<Name extends string = string> extends FoundFunction {
  /**
   * Calls it: returns the result at once, or a promise of it if the function waits or its instance has to be
   * made again.
   */
  (...args: DeclaredArguments<Name>): DeclaredResult<Name> | Promise<DeclaredResult<Name>>;
}

/** Handles events of one kind. */
export type Listener<T> = (event: T) => void;
