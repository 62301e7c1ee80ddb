import { Timer } from "../../gmp/async/timer.ts";
import type { GhostError } from "../../gmp/errors.ts";
import type { CompiledModule } from "./compiled_module.ts";
import { timeLimit } from "./execution_limits.ts";
import { hasEntry } from "./host_signatures.ts";
import { promising, type Suspension } from "./imports.ts";
import type { Callable, DirectCall } from "./inline_function.ts";
import { type Instance, instantiate } from "./instance.ts";
import { LimitedOutput, type OutputStream } from "./output.ts";
import type { SessionRoom } from "./session_room.ts";
import { trapOf } from "./trap.ts";
import { type Watch, watchTime } from "./watch.ts";

/** One function call within a session. */
export interface FunctionCall {
  /** Its id, unique among the calls of the session that are under way. */
  readonly id: number;
  /** Takes its output; the bytes are valid only during this callback. */
  output(bytes: Uint8Array, stream: OutputStream): void | Promise<void>;
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
  readonly #compiled: CompiledModule;
  readonly #isReactor: boolean;
  readonly #callables = new Map<string, Callable>();
  #dropped = false;
  #instance: Instance | undefined;
  /** The call that has the instance, and its output, if any. */
  #call: FunctionCall | undefined;
  #output: LimitedOutput | undefined;
  #stopped: GhostError | undefined;
  #since = 0;
  #mark = 0;

  private constructor(compiled: CompiledModule, room: SessionRoom, isReactor: boolean) {
    this.#compiled = compiled;
    this.#room = room;
    this.#watch = room.watch;
    this.#session = room.session;
    this.#isReactor = isReactor;
  }

  /**
   * Instantiates `compiled` for `call`; call `initialize` next.
   *
   * @throws {GhostError} as `instantiate` does, and `TRAP`.
   */
  static create(compiled: CompiledModule, room: SessionRoom, call: FunctionCall): FunctionInstance {
    const isReactor = hasEntry(compiled, "_initialize");
    const made = new FunctionInstance(compiled, room, isReactor);
    made.begin(call);
    // Always a terminal, whoever calls: nothing flushes a C program's output after a function call, so it
    // would stay in a buffer, or come with a later call.
    const write = (stream: OutputStream) => ({
      isTerminal: true,
      write: (bytes: Uint8Array) => made.#write(bytes, stream),
    });
    const { watch, session, memory } = room;
    const mark = watch.enter(session, call.id, 0);
    const streams = { stdout: write("stdout"), stderr: write("stderr") };
    const suspension = compiled.waits ? made.#suspension() : undefined;
    try {
      made.#instance = instantiate(compiled, { args: [compiled.name], ...streams }, memory, suspension);
      return made;
    } catch (error) {
      throw trapOf(error, compiled.name);
    } finally {
      watch.leave(mark);
    }
  }

  /**
   * Runs the start function, then `_initialize` if exported (WASI, "reactor"), before any other call; their
   * time and output count as part of `call`.
   */
  async initialize(call: FunctionCall): Promise<void> {
    if (this.#compiled.start !== undefined) await this.call(this.#compiled.start, [], call);
    if (this.#isReactor) await this.call("_initialize", [], call);
  }

  /** Whether it must not be called any more. */
  get dropped(): boolean {
    return this.#dropped;
  }

  /** Discards it: its memories no longer count. */
  drop(): void {
    this.#dropped = true;
    this.#instance?.memory.drop();
  }

  /** True when calls return promises instead of running at once. */
  get waits(): boolean {
    return this.#compiled.waits;
  }

  /**
   * Calls the exported function `name`, which must exist, with values of its parameter types.
   *
   * @throws {GhostError} `TRAP`, or a limit; the instance must then be dropped.
   */
  call(name: string, args: readonly unknown[], call: FunctionCall): unknown {
    const callable = this.#callables.get(name) ?? this.#prepare(name);
    return this.waits
      ? this.#callWaiting(callable, name, args, call)
      : this.#callNow(callable, name, args, call);
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
    this.#instance?.wasi.abort(reason);
  }

  #callNow(callable: Callable, name: string, args: readonly unknown[], call: FunctionCall): unknown {
    this.begin(call);
    const mark = this.#watch.enter(this.#session, call.id, 0);
    try {
      const result = callable(...args);
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
  ): Promise<unknown> {
    this.begin(call);
    this.#since = watchTime();
    const { limits } = this.#room;
    const timer = new Timer(limits.time, () => this.abort(timeLimit(limits)));
    this.#mark = this.#watch.enter(this.#session, call.id, this.#since);
    try {
      const result = await callable(...args);
      // A guest may catch what ends it, or may not have waited again.
      if (this.#stopped !== undefined) throw this.#stopped;
      this.#instance!.memory.settle();
      return result;
    } catch (error) {
      throw trapOf(error, this.#nameOf(name));
    } finally {
      timer.cancel();
      this.#watch.leave(this.#mark);
    }
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
      resumed: () => this.#mark = this.#watch.enter(this.#session, this.#call!.id, this.#since),
    };
  }

  #prepare(name: string): Callable {
    const exported = this.#instance!.exports[name] as Callable;
    const callable = this.#compiled.waits ? promising(exported as WebAssembly.ExportValue) : exported;
    this.#callables.set(name, callable);
    return callable;
  }

  #write(bytes: Uint8Array, stream: OutputStream): void {
    const call = this.#call!;
    this.#output ??= new LimitedOutput(this.#room.limits.output, (some, to) => call.output(some, to));
    this.#output.write(bytes, stream);
  }

  #nameOf(name: string): string {
    return name === this.#compiled.start ? this.#compiled.name : `${this.#compiled.name}.${name}`;
  }
}
