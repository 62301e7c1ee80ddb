import type { AbortOptions } from "../../gmp/abort_options.ts";
import type { ModuleName } from "../../gmp/names.ts";
import type { FunctionName } from "../../gmp/types/function_name.ts";
import type { PluginConfig } from "../../gmp/wasm_format/extism.ts";
import type { FunctionSignature } from "../../gmp/types/function_signature.ts";
import type { StandardStream } from "../wasi/mod.ts";
import type { ProgramImports } from "../engine/program_imports.ts";
import type { OutputStream } from "../engine/output.ts";
import type { SessionPlace } from "../executors/executor_pool.ts";
import type { FunctionCodec } from "./function_codec.ts";

/** Where a session continues. */
export interface NextPlace extends SessionPlace {
  /** Whether its executor was replaced. */
  readonly restarted: boolean;
  /** Whether its port is the end of a pipe to another device. */
  readonly isPiped?: boolean;
}

/** Finds a session's executor, and has it stop a call: a pool for local calls, a peer for remote ones. */
export interface SessionHome {
  /** Whether the executor is one of this process's own: only those are provided with functions of the program. */
  readonly isOwn?: boolean;
  /**
   * The place to dial. `lost` is the executor whose connection broke, if one did; `SessionClient.stopped` was
   * called, before the answer, for each call that was ended with it.
   */
  place(lost: string | undefined): Promise<NextPlace>;
  /** Ends call `id` at `executor`. */
  cancel(executor: string, id: number): void;
  /** The session is over: what served it may end. */
  close?(): void;
}

/** Where something happens, and how to cancel it. */
export interface OnOptions extends AbortOptions {
  /** Name of a connected node; this node by default. */
  on?: string | undefined;
  /**
   * The configuration of an Extism plug-in, by key; other modules have none. Calls with the same configuration share an
   * instance.
   */
  config?: PluginConfig | undefined;
}

/** A function to look up, and the configuration for it. */
export interface WantedFunction extends FunctionName {
  /** Of a plug-in, none by default. */
  readonly config?: PluginConfig | undefined;
  /** What the program provides to its module. */
  readonly imports?: ProgramImports | undefined;
}

/** Where something runs, how to cancel it, and who receives its output. */
export interface CallOptions extends OnOptions {
  /** Receives its output. */
  output?: (bytes: Uint8Array, stream: OutputStream) => void;
}

/**
 * A function of a module, looked up once. Its handle is looked up again automatically after its executor was
 * replaced.
 */
export interface FunctionReference {
  /** The module's name. */
  readonly module: string;
  /** The version of the module that was found; `sha256:…` for one that has only a hash there. */
  readonly version: string;
  /** The SHA-256 of the module that was found. */
  readonly hash: string;
  /** What to look it up by again. */
  readonly lookup: WantedFunction;
  /** The function's name. */
  readonly name: string;
  /** What it takes and returns. */
  readonly signature: FunctionSignature;
  /** Writes its arguments and reads its results. */
  readonly codec: FunctionCodec;
  /** Its handle, on the connection numbered `generation`. */
  handle: number;
  /** The number of the handle's connection, counted across all sessions of this process. */
  generation: number;
}

/** A module that a session has found. */
export interface FoundModule {
  /** Its name. */
  readonly module: string;
  /** Its version; `sha256:…` for one that has only a hash there. */
  readonly version: string;
  /** The SHA-256 of its bytes. */
  readonly hash: string;
}

/** A run of a module that is under way. */
export interface RunHandle {
  /** The exit code. */
  readonly exitCode: Promise<number>;
  /** Sends standard input, the last piece with `more` false; returns a promise if the sender should wait. */
  send(bytes: Uint8Array, more: boolean): Promise<void> | undefined;
}

/** What a run is given. */
export interface RunRequest extends CallOptions, ModuleName {
  /** Its arguments, without its own name. */
  readonly argv: readonly string[];
  /** Its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names of directories that were loaded into the session. */
  readonly directories?: readonly string[];
  /** Those of its streams that are terminals, none by default. */
  readonly terminals?: readonly StandardStream[];
  /** What the program provides to it. */
  readonly imports?: ProgramImports | undefined;
}
