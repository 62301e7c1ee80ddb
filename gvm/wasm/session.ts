import { GhostError } from "../../gmp/errors.ts";
import { nearest } from "../../gmp/nearest.ts";
import { type CallableSignature, checkCallable, showName } from "../../gmp/signature.ts";
import { prepareCodec, type ValueCodec } from "../../gmp/values.ts";
import type { CompiledModule } from "./compiled_module.ts";
import type { ExecutionLimits } from "./execution_limits.ts";
import { type FunctionCall, FunctionInstance } from "./function_instance.ts";
import { runModule, type RunOptions } from "./run.ts";
import type { Watch } from "./watch.ts";

/** What sessions share: where modules come from, the limits, the watch. */
export interface SessionHost {
  /** The module of that name, the latest version when none is given. */
  load(name: string, version: string | undefined): Promise<CompiledModule>;
  /** Limits of every call. */
  readonly limits: ExecutionLimits;
  /** Told which call has the thread. */
  readonly watch: Watch;
}

/** A function that was looked up once and can be called many times. */
export interface ResolvedFunction {
  /** Its number within the session. */
  readonly handle: number;
  /** The module it is of. */
  readonly compiled: CompiledModule;
  /** Its name. */
  readonly name: string;
  /** What it takes and returns. */
  readonly signature: CallableSignature;
  /** Reads its arguments. */
  readonly parameters: ValueCodec;
  /** Writes its results. */
  readonly results: ValueCodec;
}

/** Functions that one session may have resolved; the exports of the largest programs are fewer. */
const HANDLE_LIMIT = 100_000;

/**
 * What one caller (the REPL, or one peer's connection) runs: its instances live as long as it does and are shared with
 * nobody.
 */
export class Session {
  readonly #host: SessionHost;
  readonly #functions: ResolvedFunction[] = [];
  readonly #handles = new Map<string, number>();
  /** By hash of the module. */
  readonly #instances = new Map<string, FunctionInstance>();
  /** The end of the last call in turn, by hash of the module. */
  readonly #turns = new Map<string, Promise<void>>();
  readonly #cancelled = new Set<number>();

  /** A session numbered `number`, by which the watch knows it. */
  constructor(host: SessionHost, readonly number: number) {
    this.#host = host;
  }

  /**
   * Looks up an exported function.
   *
   * @throws {GhostError} `MODULE_NOT_FOUND`, `VERSION_NOT_FOUND`, `HASH_MISMATCH`, `NOT_A_MODULE`,
   * `FUNCTION_NOT_FOUND`, `UNSUPPORTED_SIGNATURE`.
   */
  async resolve(module: string, version: string | undefined, name: string): Promise<ResolvedFunction> {
    const compiled = await this.#host.load(module, version);
    const key = `${compiled.hash} ${name}`;
    const known = this.#handles.get(key);
    if (known !== undefined) return this.#functions[known]!;
    const found = compiled.description.exports.find((one) => one.name === name);
    if (found?.kind !== "function") throw notFound(compiled, name);
    if (this.#functions.length >= HANDLE_LIMIT) {
      throw new GhostError(
        "BAD_REQUEST",
        `Cannot resolve ${showName(name)}: ${HANDLE_LIMIT} functions are resolved`,
      );
    }
    const signature = checkCallable(name, found.type);
    const resolved: ResolvedFunction = {
      handle: this.#functions.length,
      compiled,
      name,
      signature,
      parameters: prepareCodec(signature.parameters),
      results: prepareCodec(signature.results),
    };
    this.#functions.push(resolved);
    this.#handles.set(key, resolved.handle);
    return resolved;
  }

  /** The function of that handle. @throws {GhostError} `FUNCTION_NOT_FOUND`. */
  function(handle: number): ResolvedFunction {
    const found = this.#functions[handle];
    if (found === undefined) {
      throw new GhostError("FUNCTION_NOT_FOUND", `Cannot call: handle ${handle} is not known`);
    }
    return found;
  }

  /**
   * Calls `resolved` with values of its parameter types: the result at once, or a promise of it.
   *
   * @throws {GhostError} `TRAP`, `OUTPUT_LIMIT`, `TIME_LIMIT`, `CANCELLED`; the state of the instance is then gone.
   */
  call(resolved: ResolvedFunction, args: readonly unknown[], call: FunctionCall): unknown {
    const { hash } = resolved.compiled;
    const instance = this.#instances.get(hash);
    if (instance === undefined || instance.waits || this.#turns.has(hash)) {
      return this.#callInTurn(resolved, args, call);
    }
    try {
      return instance.call(resolved.name, args, call);
    } catch (error) {
      this.#drop(hash, instance);
      throw error;
    }
  }

  /** Runs `_start`; see `runModule`. */
  async run(module: string, version: string | undefined, options: RunOptions): Promise<number> {
    const compiled = await this.#host.load(module, version);
    return await runModule(compiled, this.#host.limits, this.#host.watch, this.number, options);
  }

  /** Forgets the state of every instance of `module`; the next call starts afresh. */
  reset(module: string): void {
    for (const { compiled } of this.#functions) {
      if (compiled.name === module) this.#instances.delete(compiled.hash);
    }
  }

  /** Ends the function call `id` when it waits, or when its turn comes. */
  cancel(id: number): void {
    this.#cancelled.add(id);
    for (const instance of this.#instances.values()) {
      if (instance.current === id) instance.abort(new GhostError("CANCELLED"));
    }
  }

  /** Calls that have to wait, for their instance or in it, run one after the other for each module. */
  #callInTurn(resolved: ResolvedFunction, args: readonly unknown[], call: FunctionCall): Promise<unknown> {
    const { hash } = resolved.compiled;
    const turn = (this.#turns.get(hash) ?? Promise.resolve()).then(() =>
      this.#takeTurn(resolved, args, call)
    );
    const settled = turn.catch(() => {}).then(() => {
      this.#cancelled.delete(call.id);
      if (this.#turns.get(hash) === settled) this.#turns.delete(hash);
    });
    this.#turns.set(hash, settled);
    return turn;
  }

  async #takeTurn(
    resolved: ResolvedFunction,
    args: readonly unknown[],
    call: FunctionCall,
  ): Promise<unknown> {
    if (this.#cancelled.has(call.id)) throw new GhostError("CANCELLED");
    const { hash } = resolved.compiled;
    const instance = this.#instances.get(hash) ?? await this.#start(resolved.compiled, call);
    try {
      return await instance.call(resolved.name, args, call);
    } catch (error) {
      this.#drop(hash, instance);
      throw error;
    }
  }

  async #start(compiled: CompiledModule, call: FunctionCall): Promise<FunctionInstance> {
    const { limits, watch } = this.#host;
    const instance = await FunctionInstance.create(compiled, limits, watch, this.number, call);
    this.#instances.set(compiled.hash, instance);
    return instance;
  }

  #drop(hash: string, instance: FunctionInstance): void {
    if (this.#instances.get(hash) === instance) this.#instances.delete(hash);
  }
}

function notFound(compiled: CompiledModule, name: string): GhostError {
  const names = compiled.description.exports.filter((one) => one.kind === "function").map((one) => one.name);
  const suggestion = nearest(name, names);
  const hint = suggestion === undefined ? "" : `; did you mean ${showName(suggestion)}`;
  return new GhostError(
    "FUNCTION_NOT_FOUND",
    `Cannot call ${showName(name)}: ${compiled.name}@${compiled.version} exports no such function${hint}`,
    suggestion === undefined ? {} : { details: { suggestion } },
  );
}
