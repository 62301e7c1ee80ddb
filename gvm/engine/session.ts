import { GhostError } from "../../gmp/errors.ts";
import { nearest } from "../../gmp/nearest.ts";
import { Semaphore } from "../../gmp/async/semaphore.ts";
import { showName } from "../../gmp/types/quote.ts";
import { type CallableSignature, checkCallable } from "../../gmp/types/signature.ts";
import type { ValueCodec } from "../../gmp/types/value_codec.ts";
import { prepareCodec, type WasmNumber } from "../../gmp/types/values.ts";
import type { CompiledModule } from "./compiled_module.ts";
import { type FunctionCall, FunctionInstance } from "./function_instance.ts";
import type { DirectCall } from "./inline_function.ts";
import { MemoryBudget } from "./memory_budget.ts";
import { runModule, type RunOptions } from "./run.ts";
import type { SessionHost, SessionRoom } from "./session_room.ts";

/** A function that is looked up once and can be called many times. */
export interface ResolvedFunction {
  /** Its number within the session. */
  readonly handle: number;
  /** Its module. */
  readonly compiled: CompiledModule;
  /** Functions with the same key share an instance, and so their state. */
  readonly instanceKey: string;
  /** Its name. */
  readonly name: string;
  /** What it takes and returns. */
  readonly signature: CallableSignature;
  /** Reads its arguments. */
  readonly parameters: ValueCodec<WasmNumber>;
  /** Writes its results. */
  readonly results: ValueCodec<WasmNumber>;
}

/** Most functions that one session may resolve; the largest programs export fewer. */
const HANDLE_LIMIT = 100_000;
/** Most calls of one session that may wait, for their turn or in it. */
const WAITING_LIMIT = 4096;
/** Most runs of one session at once, each with its own stack, streams and instance; further ones wait. */
const RUN_LIMIT = 16;
/** Most runs of one session that may wait for others to end. */
const WAITING_RUN_LIMIT = 256;
/** Most cancellations remembered ahead of their call, which comes over another connection. */
const EARLY_LIMIT = 1024;

/** A waiting call, for its turn or in it. */
interface WaitingCall {
  /** Its instance, once its turn has come. */
  instance: FunctionInstance | undefined;
  /** Set when it is cancelled. */
  error: GhostError | undefined;
  /** Rejected when it is cancelled, so that it need not wait for its turn. */
  readonly cancelled: PromiseWithResolvers<never>;
}

/**
 * Everything that one caller (the REPL, or one peer's connection) runs: its instances live as long as the
 * session and are never shared.
 */
export class Session {
  readonly #host: SessionHost;
  readonly #functions: ResolvedFunction[] = [];
  readonly #handles = new Map<string, number>();
  readonly #instances = new Map<string, FunctionInstance>();
  /** For each instance, the end of its last queued call. */
  readonly #turns = new Map<string, Promise<void>>();
  /** By id. */
  readonly #waiting = new Map<number, WaitingCall>();
  readonly #early = new Set<number>();
  readonly #room: SessionRoom;
  readonly #runs = new Semaphore(RUN_LIMIT);

  /** A session; the watch knows it by `number`. */
  constructor(host: SessionHost, readonly number: number) {
    this.#host = host;
    const { limits, watch } = host;
    const memory = new MemoryBudget(limits, { whose: "its caller", parent: host.memory });
    this.#room = { session: number, limits, watch, memory };
  }

  /**
   * Looks up an exported function, for request `id`.
   *
   * @throws {GhostError} `MODULE_NOT_FOUND`, `VERSION_NOT_FOUND`, `HASH_MISMATCH`, `NOT_A_MODULE`,
   * `FUNCTION_NOT_FOUND`, `UNSUPPORTED_SIGNATURE`.
   */
  async resolve(
    module: string,
    version: string | undefined,
    name: string,
    id: number,
  ): Promise<ResolvedFunction> {
    const compiled = await this.#host.load(module, version, { session: this.number, id });
    // A version may have been removed and published again with other bytes.
    const instanceKey = `${compiled.name}@${compiled.version} ${compiled.hash}`;
    const key = `${instanceKey} ${name}`;
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
      instanceKey,
      name,
      signature,
      parameters: prepareCodec(signature.parameters),
      results: prepareCodec(signature.results),
    };
    this.#functions.push(resolved);
    this.#handles.set(key, resolved.handle);
    return resolved;
  }

  /** The function with that handle. @throws {GhostError} `FUNCTION_NOT_FOUND`. */
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
   * @throws {GhostError} `TRAP`, `OUTPUT_LIMIT`, `TIME_LIMIT`, `CANCELLED`, and what
   * `FunctionInstance.create` throws; the state of the instance is then lost.
   */
  call(resolved: ResolvedFunction, args: readonly unknown[], call: FunctionCall): unknown {
    this.#refuseCancelled(call.id);
    const { instanceKey } = resolved;
    const instance = this.#instances.get(instanceKey);
    if (instance === undefined || instance.waits || this.#turns.has(instanceKey)) {
      return this.#callInTurn(resolved, args, call);
    }
    try {
      return instance.call(resolved.name, args, call);
    } catch (error) {
      this.#drop(instanceKey, instance);
      throw error;
    }
  }

  /** Makes the instance for `resolved`, unless it exists, so that calls need not wait for it. */
  async prepare({ instanceKey, compiled }: ResolvedFunction, call: FunctionCall): Promise<void> {
    if (this.#instances.has(instanceKey)) return;
    const instance = FunctionInstance.create(compiled, this.#room, call);
    await instance.initialize(call);
    this.#instances.set(instanceKey, instance);
  }

  /** The function itself, if its instance exists and calls to it need not wait. */
  direct({ instanceKey, name }: ResolvedFunction): DirectCall | undefined {
    return this.#instances.get(instanceKey)?.direct(name);
  }

  /** Drops the instance for `resolved`, after a direct call trapped. */
  drop({ instanceKey }: ResolvedFunction): void {
    const instance = this.#instances.get(instanceKey);
    if (instance !== undefined) this.#drop(instanceKey, instance);
  }

  /**
   * Runs `_start` in a fresh instance, once fewer than `RUN_LIMIT` others run; see `runModule`. Its time
   * begins then.
   *
   * @throws {GhostError} also `TOO_MANY_REQUESTS` when too many wait for their turn.
   */
  async run(module: string, version: string | undefined, options: RunOptions): Promise<number> {
    const { id, signal } = options;
    this.#refuseCancelled(id);
    if (this.#runs.waiting >= WAITING_RUN_LIMIT) {
      throw new GhostError(
        "TOO_MANY_REQUESTS",
        `Cannot run ${module}: ${RUN_LIMIT} programs run and ${WAITING_RUN_LIMIT} wait for their turn`,
      );
    }
    await this.#runs.acquire(signal).catch((cause) => {
      throw new GhostError("CANCELLED", undefined, { cause });
    });
    try {
      const compiled = await this.#host.load(module, version, { session: this.number, id });
      return await runModule(compiled, this.#room, options);
    } finally {
      this.#runs.release();
    }
  }

  /**
   * Forgets the state of `module`, or of one version if it is named; the next call starts afresh. Without
   * such state, nothing happens.
   */
  reset(module: string, version?: string): void {
    for (const { compiled, instanceKey } of this.#functions) {
      const instance = this.#instances.get(instanceKey);
      const isMeant = compiled.name === module && (version === undefined || compiled.version === version);
      if (isMeant && instance !== undefined) this.#drop(instanceKey, instance);
    }
  }

  /** Ends the function call `id` if it waits, for its turn or in it. */
  cancel(id: number): void {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) {
      waiting.error = new GhostError("CANCELLED");
      waiting.cancelled.reject(waiting.error);
      waiting.instance?.abort(waiting.error);
      return;
    }
    this.#early.add(id);
    if (this.#early.size > EARLY_LIMIT) this.#early.delete(this.#early.values().next().value!);
  }

  /** Ends every waiting function call, and drops every instance: the caller is gone. */
  close(): void {
    for (const id of this.#waiting.keys()) this.cancel(id);
    for (const [key, instance] of this.#instances) this.#drop(key, instance);
  }

  #refuseCancelled(id: number): void {
    if (this.#early.size > 0 && this.#early.delete(id)) throw new GhostError("CANCELLED");
  }

  /** Calls that have to wait, for their instance or in it, run one at a time per instance. */
  #callInTurn(resolved: ResolvedFunction, args: readonly unknown[], call: FunctionCall): Promise<unknown> {
    const { instanceKey } = resolved;
    if (this.#waiting.size >= WAITING_LIMIT) {
      throw new GhostError(
        "TOO_MANY_REQUESTS",
        `Cannot call ${showName(resolved.name)}: ${WAITING_LIMIT} calls wait for their turn`,
      );
    }
    const waiting: WaitingCall = {
      instance: undefined,
      error: undefined,
      cancelled: Promise.withResolvers(),
    };
    this.#waiting.set(call.id, waiting);
    const before = this.#turns.get(instanceKey) ?? Promise.resolve();
    const turn = Promise.race([before, waiting.cancelled.promise]).then(() =>
      this.#takeTurn(resolved, args, call, waiting)
    ).finally(() => this.#waiting.delete(call.id));
    const settled = Promise.allSettled([before, turn]).then(() => {
      if (this.#turns.get(instanceKey) === settled) this.#turns.delete(instanceKey);
    });
    this.#turns.set(instanceKey, settled);
    return turn;
  }

  async #takeTurn(
    resolved: ResolvedFunction,
    args: readonly unknown[],
    call: FunctionCall,
    waiting: WaitingCall,
  ): Promise<unknown> {
    const { instanceKey, compiled } = resolved;
    let instance = this.#instances.get(instanceKey);
    const isNew = instance === undefined;
    try {
      if (waiting.error !== undefined) throw waiting.error;
      if (instance === undefined) {
        instance = FunctionInstance.create(compiled, this.#room, call);
        this.#instances.set(instanceKey, instance);
      }
      waiting.instance = instance;
      if (waiting.error !== undefined) instance.abort(waiting.error);
      if (isNew) await instance.initialize(call);
      return await instance.call(resolved.name, args, call);
    } catch (error) {
      if (instance !== undefined) this.#drop(instanceKey, instance);
      throw error;
    }
  }

  #drop(instanceKey: string, instance: FunctionInstance): void {
    instance.drop();
    if (this.#instances.get(instanceKey) === instance) this.#instances.delete(instanceKey);
  }
}

function notFound(compiled: CompiledModule, name: string): GhostError {
  const names = compiled.description.exports.filter((one) => one.kind === "function").map((one) => one.name);
  const suggestion = nearest(name, names);
  const hint = suggestion === undefined ? "" : `; did you mean ${showName(suggestion)}?`;
  return new GhostError(
    "FUNCTION_NOT_FOUND",
    `Cannot call ${showName(name)}: ${compiled.name}@${compiled.version} exports no such function${hint}`,
    suggestion === undefined ? {} : { details: { suggestion } },
  );
}
