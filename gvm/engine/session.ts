import { GhostError } from "../../gmp/errors.ts";
import { Semaphore } from "../../gmp/async/semaphore.ts";
import type { FunctionCall, FunctionInstance, HeldResource, InstanceTurns } from "./function_instance.ts";
import type { DirectCall } from "./inline_function.ts";
import { MemoryBudget } from "./memory_budget.ts";
import type { CompiledModule, ExactModule } from "./compiled_module.ts";
import { type ResolvedFunction, ResolvedFunctions, type WantedProvisions } from "./resolved_functions.ts";
import { runModule, type RunOptions, stopReason } from "./run.ts";
import { SessionInstances } from "./session_instances.ts";
import type { SessionHost } from "./session_room.ts";
import { TurnQueue } from "./turn_queue.ts";
import { type WaitingCall, WaitingCalls } from "./waiting_calls.ts";

/** Most runs of one session at once, each with its own stack, streams and instance; further ones wait. */
const RUN_LIMIT = 16;
/** Most runs of one session that may wait for others to end. */
const WAITING_RUN_LIMIT = 256;

/** A call that has returned while its streams go on. */
interface GoingOn {
  /** What was called. */
  readonly resolved: ResolvedFunction;
  readonly instance: FunctionInstance;
}

/**
 * Everything that one caller (the REPL, or one peer's connection) runs: its instances live as long as the
 * session and are never shared.
 */
export class Session {
  readonly #host: SessionHost;
  readonly #functions = new ResolvedFunctions();
  readonly #instances: SessionInstances;
  readonly #turns = new TurnQueue();
  readonly #waiting = new WaitingCalls();
  /** Calls that have returned while their streams go on, by id. */
  readonly #goingOn = new Map<number, GoingOn>();
  readonly #runs = new Semaphore(RUN_LIMIT);

  /** A session; the watch knows it by `number`. */
  constructor(host: SessionHost, readonly number: number) {
    this.#host = host;
    const { limits, watch, provisions } = host;
    const memory = new MemoryBudget(limits, { whose: "its caller", parent: host.memory });
    const terms = { time: limits.time, what: 0 };
    this.#instances = new SessionInstances({ session: number, limits, watch, memory, terms, provisions }, {
      turnsOf: (key) => this.#turnsOf(key),
      isUsed: (key, instance) => this.#isUsed(key, instance),
    });
  }

  /**
   * Looks up an exported function, for request `id`; its instance is that of all functions of its module that are
   * given the same.
   *
   * @throws {GhostError} `MODULE_NOT_FOUND`, `VERSION_NOT_FOUND`, `HASH_MISMATCH`, `NOT_A_MODULE`,
   * `FUNCTION_NOT_FOUND`, `UNSUPPORTED_SIGNATURE`, `TOO_MANY_REQUESTS` for too many configurations.
   */
  async resolve(
    module: string,
    version: string | undefined,
    name: string,
    id: number,
    exactly?: ExactModule,
    wanted?: WantedProvisions,
  ): Promise<ResolvedFunction> {
    const compiled = await this.load(module, version, id, exactly);
    const resolved = this.#functions.resolve(compiled, name, wanted);
    this.#instances.asked(compiled, version === undefined && exactly === undefined);
    return resolved;
  }

  /** The module of that name, for request `id`. Throws as {@linkcode Session.resolve}, and needs no function. */
  load(
    module: string,
    version: string | undefined,
    id: number,
    exactly?: ExactModule,
  ): Promise<CompiledModule> {
    return this.#host.load(module, version, { session: this.number, id }, exactly);
  }

  /**
   * Calls `resolved` with values of its parameter types: the result at once, or a promise of it. The result type of a
   * component's function comes as `{ tag, val }`, whether it is an error or not.
   *
   * @throws {GhostError} `TRAP`, `OUTPUT_LIMIT`, `TIME_LIMIT`, `CANCELLED`, `PAYLOAD_TOO_LARGE`, and what
   * `FunctionInstance.create` throws; the state of the instance is then lost. `BAD_ARGUMENTS` and `RESOURCE_GONE` when a
   * component refuses its arguments; it then goes on.
   */
  call(resolved: ResolvedFunction, args: readonly unknown[], call: FunctionCall): unknown {
    this.#waiting.refuseCancelled(call.id);
    const { instanceKey } = resolved;
    const instance = this.#instances.get(instanceKey);
    if (instance === undefined || instance.waits || this.#turns.isTaken(instanceKey)) {
      return this.#inTurn(resolved, call, (waiting) => this.#takeTurn(resolved, args, call, waiting));
    }
    try {
      return instance.call(resolved.name, args, call);
    } catch (error) {
      if (!instance.survives(error)) this.#instances.drop(instanceKey, instance);
      throw error;
    }
  }

  /** Makes the instance for `resolved`, unless it exists or is being made, so that calls need not wait for it. */
  async prepare(resolved: ResolvedFunction, call: FunctionCall): Promise<void> {
    await this.#instances.prepare(resolved, call);
  }

  /** The function itself, if its instance exists and calls to it need not wait. */
  direct({ instanceKey, name }: ResolvedFunction): DirectCall | undefined {
    return this.#instances.get(instanceKey)?.direct(name);
  }

  /** Drops the instance for `resolved`, after a direct call trapped. */
  drop({ instanceKey }: ResolvedFunction): void {
    const instance = this.#instances.get(instanceKey);
    if (instance !== undefined) this.#instances.drop(instanceKey, instance);
  }

  /**
   * Drops `resource`, which `resolved` returned, when the instance has its turn: its destructor is a call like any other, which
   * may wait, is limited, and can be cancelled.
   *
   * @throws {GhostError} `TRAP`, a limit, `CANCELLED`; the state of the instance is then lost.
   */
  async release(resolved: ResolvedFunction, resource: HeldResource, call: FunctionCall): Promise<void> {
    await this.#inTurn(resolved, call, (waiting) => this.#release(resolved, resource, call, waiting));
  }

  async #release(
    { instanceKey }: ResolvedFunction,
    resource: HeldResource,
    call: FunctionCall,
    waiting: WaitingCall,
  ): Promise<void> {
    const instance = this.#instances.get(instanceKey);
    if (instance === undefined || !resource.isHeld) return; // it ended with its instance
    waiting.instance = instance;
    try {
      await instance.release(resource, call);
    } catch (error) {
      if (!instance.survives(error)) this.#instances.drop(instanceKey, instance);
      throw error;
    }
  }

  /**
   * Runs `_start` in a fresh instance, once fewer than `RUN_LIMIT` others run; see `runModule`. Its time
   * begins then.
   *
   * @throws {GhostError} also `TOO_MANY_REQUESTS` when too many wait for their turn.
   */
  async run(module: string, version: string | undefined, options: RunOptions): Promise<number> {
    const { id, signal } = options;
    this.#waiting.refuseCancelled(id);
    if (this.#runs.waiting >= WAITING_RUN_LIMIT) {
      throw new GhostError(
        "TOO_MANY_REQUESTS",
        `Cannot run ${module}: ${RUN_LIMIT} programs run and ${WAITING_RUN_LIMIT} wait for their turn`,
      );
    }
    await this.#runs.acquire(signal).catch((cause) => {
      throw signal === undefined ? cause : stopReason(signal);
    });
    try {
      const compiled = await this.load(module, version, id, options.exactly);
      return await runModule(compiled, this.#instances.roomOf(options.memory), options);
    } finally {
      this.#runs.release();
    }
  }

  /**
   * Forgets the state of `module`, or of one version or hash if that is named; the next call starts afresh. Without
   * such state, nothing happens.
   */
  reset(module: string, version?: string, hash?: string): void {
    this.#instances.dropWhere((_, { compiled }) =>
      compiled.name === module && (version === undefined || compiled.version === version) &&
      (hash === undefined || compiled.hash === hash)
    );
  }

  /**
   * Ends every function call that waits and for which `why` gives a reason, and drops the instances that are not in
   * `kept`, by their keys.
   */
  sift(why: (resolved: ResolvedFunction) => GhostError | undefined, kept: ReadonlySet<string>): void {
    const inUse = this.#waiting.sift(why);
    for (const { resolved, instance } of [...this.#goingOn.values()]) {
      const reason = why(resolved);
      if (reason !== undefined) this.#end(resolved, instance, reason);
    }
    for (const { resolved } of this.#goingOn.values()) inUse.add(resolved.instanceKey);
    this.#instances.dropWhere((key) => !kept.has(key) && !inUse.has(key));
  }

  /** Ends the function call `id` if it waits, for its turn or in it, or goes on after it has returned. */
  cancel(id: number): void {
    if (this.#waiting.cancel(id)) return;
    const goingOn = this.#goingOn.get(id);
    if (goingOn === undefined) return this.#waiting.cancelEarly(id);
    this.#end(goingOn.resolved, goingOn.instance, new GhostError("CANCELLED"));
  }

  /** Ends call `id` if it goes on after it has returned, as nobody has what it returned. */
  abandon(id: number): void {
    if (this.#goingOn.has(id)) this.cancel(id);
  }

  /** Ends every waiting function call, and drops every instance: the caller is gone. */
  close(): void {
    this.#waiting.close();
    this.#instances.close();
  }

  /** Does what has to wait, for its instance or in it: one at a time per instance. */
  #inTurn<T>(
    resolved: ResolvedFunction,
    call: FunctionCall,
    work: (waiting: WaitingCall) => Promise<T>,
  ): Promise<T> {
    const waiting = this.#waiting.add(call.id, resolved);
    const inTurn = () => {
      if (waiting.error !== undefined) throw waiting.error; // before anything is done in the instance, which goes on
      return work(waiting);
    };
    return this.#turns.take(resolved.instanceKey, inTurn, waiting.cancelled.promise)
      .finally(() => this.#waiting.delete(call.id));
  }

  async #takeTurn(
    resolved: ResolvedFunction,
    args: readonly unknown[],
    call: FunctionCall,
    waiting: WaitingCall,
  ): Promise<unknown> {
    const { instanceKey } = resolved;
    let instance = this.#instances.get(instanceKey);
    if (instance?.isOver) { // since the last call: something that went on in it has failed
      this.#instances.drop(instanceKey, instance);
      instance = undefined;
    }
    const isNew = instance === undefined;
    try {
      if (instance === undefined) {
        instance = this.#instances.make(resolved, call);
      }
      waiting.instance = instance;
      if (waiting.error !== undefined) instance.abort(waiting.error);
      if (isNew) await instance.initialize(call);
      const result = await instance.call(resolved.name, args, call);
      if (instance.goesOn(call.id)) this.#goingOn.set(call.id, { resolved, instance });
      return result;
    } catch (error) {
      if (instance !== undefined && !instance.survives(error)) this.#instances.drop(instanceKey, instance);
      throw error;
    }
  }

  /** How the instance of that key gets its turn. */
  #turnsOf(instanceKey: string): InstanceTurns {
    return {
      take: (instance, work) =>
        void this.#turns.take(instanceKey, async () => {
          if (this.#instances.get(instanceKey) === instance) await work();
        }).catch(() => this.#instances.drop(instanceKey, instance)),
      over: (id) => void this.#goingOn.delete(id),
    };
  }

  /** Whether a call has that instance, or waits for it, or goes on in it. */
  #isUsed(instanceKey: string, instance: FunctionInstance): boolean {
    return this.#turns.isTaken(instanceKey) ||
      this.#goingOn.values().some((one) => one.instance === instance);
  }

  /** Ends `instance`, in which a call goes on, for `reason`. */
  #end({ instanceKey }: ResolvedFunction, instance: FunctionInstance, reason: GhostError): void {
    instance.abort(reason);
    this.#instances.drop(instanceKey, instance);
  }
}
