import { Timer } from "../../gmp/async/timer.ts";
import { GhostError } from "../../gmp/errors.ts";
import { GoingOn } from "./going_on.ts";
import type { CompiledModule } from "./compiled_module.ts";
import { instanceEnded, timeLimit } from "./execution_limits.ts";
import { type Initializer, initializersOf } from "./initializers.ts";
import type { Suspension } from "../component/suspension.ts";
import type { Callable, DirectCall } from "./inline_function.ts";
import { type Instance, type InstanceStreams, instantiate } from "./instance.ts";
import { LimitedOutput, type OutputStream } from "./output.ts";
import { type Provisions, together } from "./program_imports.ts";
import type { SessionRoom } from "./session_room.ts";
import type { StreamingCall } from "./streaming_call.ts";
import { trapOf } from "./trap.ts";
import { type CallTerms, type Watch, watchTime } from "./watch.ts";

/** One function call within a session. */
export interface FunctionCall {
  /** Its id, unique among the calls of the session that are under way. */
  readonly id: number;
  /** Its terms, the node's own by default. */
  readonly terms?: CallTerms;
  /** Takes its output; the bytes are valid only during this callback. */
  output(bytes: Uint8Array, stream: OutputStream): void | Promise<void>;
  /** Called when it has returned, and what went on of it has ended with `error`. */
  failed?(error: GhostError): void;
}

/** How an instance gets its turn among the calls that wait for it. */
export interface InstanceTurns {
  /** Does `work` when the turn of `instance` comes, unless it was dropped; if it throws, `instance` is dropped. */
  take(instance: FunctionInstance, work: () => Promise<void>): void;
  /** Call `id`, which went on after it had returned, is over. */
  over(id: number): void;
}

/** A resource of a component that the caller holds. */
export interface HeldResource {
  /** Its name. */
  readonly name: string;
  /** Whether it can still be used: its instance goes on, and it was neither dropped nor given away. */
  readonly isHeld: boolean;
  /** Drops it, which runs the destructor of its component; a promise if that may wait. */
  drop(): void | Promise<void>;
}

/**
 * The instance that answers a session's function calls, so that its state persists from call to call. If the
 * module imports something that waits, calls return promises and the session makes them one at a time;
 * otherwise they run at once. A trap ends the instance.
 */
export class FunctionInstance {
  readonly #watch: Watch;
  readonly #session: number;
  readonly #room: SessionRoom;
  /** Its module. */
  readonly compiled: CompiledModule;
  readonly #initializers: readonly Initializer[];
  readonly #callables = new Map<string, Callable>();
  #dropped = false;
  #instance: Instance | undefined;
  /** The call that has the instance, and its output, if any. */
  #call: FunctionCall | undefined;
  #output: LimitedOutput | undefined;
  #stopped: GhostError | undefined;
  /** Whether a call has it that may wait. */
  #isCalled = false;
  #since = 0;
  #mark = 0;
  readonly #turns: InstanceTurns;
  /** There in a component. */
  #goingOn: GoingOn | undefined;

  private constructor(
    compiled: CompiledModule,
    room: SessionRoom,
    initializers: readonly Initializer[],
    turns: InstanceTurns,
  ) {
    this.compiled = compiled;
    this.#room = room;
    this.#turns = turns;
    this.#watch = room.watch;
    this.#session = room.session;
    this.#initializers = initializers;
  }

  /**
   * Instantiates `compiled` for `call`, with what is given to it; call `initialize` next.
   *
   * @throws {GhostError} as `instantiate` does, and `TRAP`.
   */
  static create(
    compiled: CompiledModule,
    room: SessionRoom,
    call: FunctionCall,
    turns: InstanceTurns,
    own?: Provisions,
  ): FunctionInstance {
    const made = new FunctionInstance(compiled, room, initializersOf(compiled), turns);
    made.begin(call);
    // Always a terminal, whoever calls: nothing flushes a C program's output after a function call, so it
    // would stay in a buffer, or come with a later call.
    const write = (stream: OutputStream) => ({
      isTerminal: true,
      write: (bytes: Uint8Array) => made.#write(bytes, stream),
    });
    const { watch, session, memory } = room;
    const provisions = together(room.provisions, own);
    const mark = watch.enter(session, call.id, 0, call.terms ?? room.terms);
    const streams = { stdout: write("stdout"), stderr: write("stderr") };
    const suspension = compiled.waits ? made.#suspension() : undefined;
    try {
      made.#instance = instantiate(
        compiled,
        { args: [compiled.name], ...streams },
        memory,
        suspension,
        provisions,
      );
      const passed = made.#instance.streams;
      if (passed !== undefined && compiled.waits) made.#goingOn = made.#resident(passed);
      return made;
    } catch (error) {
      throw trapOf(error, compiled.name);
    } finally {
      watch.leave(mark);
    }
  }

  /**
   * Runs the start function, then what initializes it, before any other call; their time and output count as
   * part of `call`.
   */
  async initialize(call: FunctionCall): Promise<void> {
    if (this.compiled.start !== undefined) await this.call(this.compiled.start, [], call);
    for (const [name, args] of this.#initializers) await this.call(name, args, call);
  }

  /** Whether it was discarded. */
  get dropped(): boolean {
    return this.#dropped;
  }

  /** Why it has ended, or is to end when the guest gives the thread back. */
  get stopped(): GhostError | undefined {
    return this.#stopped;
  }

  /** Discards it: its memories no longer count once a call that waits in it has ended, and what goes on in it ends. */
  drop(): void {
    this.#dropped = true;
    this.#goingOn?.drop();
    if (this.#goingOn?.isAny) {
      this.abort(instanceEnded());
    }
    if (this.#isCalled) this.#instance?.memory.end?.();
    else this.#instance?.memory.drop();
  }

  /** Whether `error` has left it as it was: a component refused its arguments, before it did anything. */
  survives(error: unknown): boolean {
    const isRefused = error instanceof GhostError &&
      (error.code === "BAD_ARGUMENTS" || error.code === "RESOURCE_GONE");
    return isRefused && !this.isOver;
  }

  /** Whether it has ended: nothing can be called in it any more. */
  get isOver(): boolean {
    return this.#dropped || (this.#instance?.streams?.isOver() ?? false);
  }

  /** Whether call `id` goes on: it has returned, but not all of its streams and futures have ended. */
  goesOn(id: number): boolean {
    return this.#goingOn?.has(id) ?? false;
  }

  /** True when calls return promises instead of running at once. */
  get waits(): boolean {
    return this.compiled.waits;
  }

  /**
   * Calls the exported function `name`, which must exist, with values of its parameter types.
   *
   * @throws {GhostError} `TRAP`, or a limit; the instance must then be dropped.
   */
  call(name: string, args: readonly unknown[], call: FunctionCall): unknown {
    const callable = this.#callables.get(name) ?? this.#prepare(name);
    return this.waits
      ? this.#callWaiting(callable, name, args, call, this.#goingOn?.begin(name, this.#nameOf(name), call))
      : this.#callNow(callable, name, args, call);
  }

  /** Drops a resource that it has made. @throws {GhostError} as {@linkcode FunctionInstance.call}. */
  release(resource: HeldResource, call: FunctionCall): unknown {
    const drop = () => resource.drop();
    const name = `[drop]${resource.name}`;
    return this.waits ? this.#callWaiting(drop, name, [], call) : this.#callNow(drop, name, [], call);
  }

  /** The exported function `name` itself, if it does not wait; call `begin` before each call of it. */
  direct(name: string): DirectCall | undefined {
    if (this.waits) return undefined;
    return { callable: this.#callables.get(name) ?? this.#prepare(name), instance: this };
  }

  /** From now on the instance's output belongs to `call`. */
  begin(call: FunctionCall): void {
    this.#call = call;
    this.#output = undefined;
  }

  /** Ends the call under way with `reason` if it waits; the instance is then useless. */
  abort(reason: GhostError): void {
    this.#stopped ??= reason;
    this.#instance?.abort(reason);
  }

  #callNow(callable: Callable, name: string, args: readonly unknown[], call: FunctionCall): unknown {
    this.begin(call);
    const mark = this.#watch.enter(this.#session, call.id, 0, call.terms ?? this.#room.terms);
    try {
      const result = callable(...args);
      if (this.#stopped !== undefined) throw this.#stopped; // the guest may have caught it
      this.#instance!.memory.settle();
      return result;
    } catch (error) {
      throw trapOf(error, this.#nameOf(name));
    } finally {
      this.#watch.leave(mark);
    }
  }

  async #callWaiting(
    callable: Callable,
    name: string,
    args: readonly unknown[],
    call: FunctionCall,
    streaming?: StreamingCall,
  ): Promise<unknown> {
    this.begin(call);
    this.#isCalled = true;
    this.#since = watchTime();
    const terms = call.terms ?? this.#room.terms;
    const timer = new Timer(terms.time, () => this.abort(timeLimit(terms.time)));
    this.#mark = this.#watch.enter(this.#session, call.id, this.#since, terms);
    try {
      const result = await callable(...args);
      // A guest may catch what ends it, or may not have waited again.
      if (this.#stopped !== undefined) throw this.#stopped;
      this.#instance!.memory.settle();
      if (streaming !== undefined) this.#goingOn!.returned(streaming, this.#output);
      return result;
    } catch (error) {
      streaming?.fail(error);
      throw trapOf(error, this.#nameOf(name));
    } finally {
      timer.cancel();
      this.#watch.leave(this.#mark);
      this.#isCalled = false;
      if (this.#dropped) this.#instance?.memory.drop();
      this.#goingOn?.ask();
    }
  }

  #resident(streams: InstanceStreams): GoingOn {
    const enter = (call: FunctionCall, output: LimitedOutput | undefined, since: number) => {
      this.#call = call;
      this.#output = output;
      this.#since = since;
      this.#mark = this.#watch.enter(this.#session, call.id, since, call.terms ?? this.#room.terms);
    };
    const leave = () => {
      this.#watch.leave(this.#mark);
      return this.#output;
    };
    return new GoingOn({
      streams,
      terms: this.#room.terms,
      enter,
      leave,
      lend: () => {
        const [call, since, output] = [this.#call!, this.#since, leave()];
        return () => enter(call, output, since);
      },
      settle: () => {
        if (this.#stopped !== undefined) throw this.#stopped;
        this.#instance!.memory.settle();
      },
      end: (reason) => {
        const error = trapOf(reason, this.compiled.name);
        this.abort(error);
        return error;
      },
      takeTurn: (work) => this.#turns.take(this, work),
      over: (id) => this.#turns.over(id),
    });
  }

  #suspension(): Suspension {
    return {
      suspended: () => {
        this.#watch.leave(this.#mark);
        try {
          this.#instance?.memory.settle();
        } catch (error) {
          this.abort(error as GhostError);
        }
      },
      resumed: () => {
        const { id, terms = this.#room.terms } = this.#call!;
        this.#mark = this.#watch.enter(this.#session, id, this.#since, terms);
      },
    };
  }

  #prepare(name: string): Callable {
    const callable = this.#instance!.callable(name);
    this.#callables.set(name, callable);
    return callable;
  }

  #write(bytes: Uint8Array, stream: OutputStream): void {
    const call = this.#call!;
    this.#output ??= new LimitedOutput(
      this.#room.limits.output,
      (some, to) => call.output(some, to),
      (error) => this.abort(trapOf(error, this.compiled.name)),
    );
    this.#output.write(bytes, stream);
  }

  #nameOf(name: string): string {
    return name === this.compiled.start ? this.compiled.name : `${this.compiled.name}.${name}`;
  }
}
