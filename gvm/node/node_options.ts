import type { AbortOptions } from "../../gmp/abort_options.ts";
import type { GhostError } from "../../gmp/errors.ts";
import type { CallableSignature } from "../../gmp/types/signature.ts";
import type { GivenSettings } from "../../gmp/device/settings.ts";
import type { StandardStream } from "../wasi/mod.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import type { DeclaredArguments, DeclaredResult } from "./declared_function.ts";
import type { StdinSource } from "../calls/module_run.ts";
import type { AcceptPeer } from "../peers/peers.ts";
import type { CallOptions } from "../calls/session_calls.ts";

/** Options for starting a node; all have defaults. */
export interface GhostNodeOptions extends Pick<GivenSettings, "home" | "gmpPort">, AbortOptions {
  /** Its name, `node-` and four digits by default. */
  name?: string;
  /** The secret of the store, read from `home` by default. */
  secret?: Uint8Array;
  /** Decides who may connect; by default, every node with a ticket from GPMD. */
  accept?: AcceptPeer;
  /** Limits of every call that runs here. */
  limits?: Partial<ExecutionLimits>;
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

/** How a module is run. */
export interface RunOptions extends CallOptions {
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
  readonly signature: CallableSignature;
}

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
