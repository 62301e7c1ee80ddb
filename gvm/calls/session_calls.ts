import type { AbortOptions } from "../../gmp/abort_options.ts";
import type { ModuleName } from "../../gmp/names.ts";
import type { CallableSignature } from "../../gmp/types/signature.ts";
import type { ValueCodec } from "../../gmp/types/value_codec.ts";
import type { WasmNumber } from "../../gmp/types/values.ts";
import type { StandardStream } from "../wasi/mod.ts";
import type { OutputStream } from "../engine/output.ts";
import type { SessionPlace } from "../executors/executor_pool.ts";

/** Where a session continues, and whether its executor was replaced. */
export type NextPlace = SessionPlace & { readonly restarted: boolean };

/** Finds a session's executor, and has it stop a call: a pool for local calls, a peer for remote ones. */
export interface SessionHome {
  /**
   * The place to dial. `lost` is the executor whose connection broke, if one did; `SessionClient.stopped` was
   * called, before the answer, for each call that was ended with it.
   */
  place(lost: string | undefined): Promise<NextPlace>;
  /** Ends call `id` at `executor`. */
  cancel(executor: string, id: number): void;
}

/** Where something happens, and how to cancel it. */
export interface OnOptions extends AbortOptions {
  /** Name of a connected node; this node by default. */
  on?: string | undefined;
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
  /** The version of the module that was found. */
  readonly version: string;
  /** The function's name. */
  readonly name: string;
  /** What it takes and returns. */
  readonly signature: CallableSignature;
  /** Writes its arguments. */
  readonly parameters: ValueCodec<WasmNumber>;
  /** Reads its results. */
  readonly results: ValueCodec<WasmNumber>;
  /** Its handle, on the connection numbered `generation`. */
  handle: number;
  /** The number of the handle's connection, counted across all sessions of this process. */
  generation: number;
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
}
