import { Timer } from "../../gmp/async/timer.ts";
import type { GhostError } from "../../gmp/errors.ts";
import { timeLimit } from "./execution_limits.ts";
import type { FunctionCall } from "./function_instance.ts";
import type { InstanceStreams } from "./instance.ts";
import type { LimitedOutput } from "./output.ts";
import type { HostCall } from "../component/host_call.ts";
import { StreamingCall } from "./streaming_call.ts";
import { type CallTerms, watchTime } from "./watch.ts";

/** The instance in which calls go on. */
interface Resident {
  readonly streams: InstanceStreams;
  /** The terms of calls that have none of their own. */
  readonly terms: CallTerms;
  /** The guest has the thread, and writes output, for `call`, which has computed since then. */
  enter(call: FunctionCall, output: LimitedOutput | undefined, since: number): void;
  /** It gives the thread back; returns its output so far. */
  leave(): LimitedOutput | undefined;
  /** The call that has the thread gives it to another of the instance; what is returned has that call go on. */
  lend(): () => void;
  /** Its memories are counted. @throws {GhostError} `MEMORY_LIMIT`. */
  settle(): void;
  /** It ends for `reason`. */
  end(reason: unknown): GhostError;
  /** Does `work` when its turn comes, unless it was dropped. */
  takeTurn(work: () => Promise<void>): void;
  /** Call `id` is over. */
  over(id: number): void;
}

/**
 * The calls of one instance that go on after they have returned, since not all of their streams and futures have ended. The guest
 * gets its turn for them as for any call. Between its turns nothing counts; in them, what it computes and blocks for may take as
 * long as a call may, until something passes through one of the call's streams.
 */
export class GoingOn {
  readonly #instance: Resident;
  readonly #calls = new Map<number, StreamingCall>();
  /** The call for which the guest has the thread. */
  #running: StreamingCall | undefined;
  /** Has the call go on that has lent it the thread. */
  #giveBack: (() => void) | undefined;
  #isAsked = false;

  /** Nothing goes on in `instance` yet. */
  constructor(instance: Resident) {
    this.#instance = instance;
    instance.streams.onAsked(() => this.ask());
    instance.streams.onRuns((call) => this.#runBeside(call));
  }

  /** Whether anything does. */
  get isAny(): boolean {
    return this.#calls.size > 0;
  }

  /** Whether call `id` does. */
  has(id: number): boolean {
    return this.#calls.has(id);
  }

  /** A call begins whose streams belong to it, if it can pass any. */
  begin(name: string, what: string, call: FunctionCall): StreamingCall | undefined {
    const { streams } = this.#instance;
    const begun = streams.passes(name)
      ? new StreamingCall(call, what, (ended) => this.#over(ended))
      : undefined;
    streams.begin(begun);
    return begun;
  }

  /** It has returned, with that output so far. */
  returned(call: StreamingCall, output: LimitedOutput | undefined): void {
    call.output = output;
    if (call.returned()) this.#calls.set(call.call.id, call);
  }

  /** Has the guest go on when its turn comes, first for `running`, if there is anything for which it does. */
  ask(running: StreamingCall | undefined = this.#calls.values().next().value): void {
    if (this.#isAsked || running === undefined) return;
    this.#isAsked = true;
    this.#instance.takeTurn(async () => {
      // What has passed is on its way before the guest computes on; others of the process have their turn, too.
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.#isAsked = false;
      if (await this.#take(running) && this.isAny) this.ask();
    });
  }

  /** The instance is dropped. */
  drop(): void {
    this.#isAsked = true;
  }

  #over(ended: StreamingCall): void {
    this.#calls.delete(ended.call.id);
    this.#instance.over(ended.call.id);
    this.ask(ended); // the guest still has to hear of it
  }

  /** Takes the turn: whether there is more to do. @throws {GhostError} as a call does. */
  async #take(running: StreamingCall): Promise<boolean> {
    const { time } = this.#termsOf(running);
    const timer = new Timer(time, () => this.#instance.end(timeLimit(time)));
    try {
      this.#goOnFor(running);
      const more = await this.#instance.streams.step((call) => {
        this.#goOnFor((call as StreamingCall | undefined) ?? running);
      });
      this.#instance.settle();
      return more;
    } catch (error) {
      throw this.#instance.end(error);
    } finally {
      timer.cancel();
      this.#leave();
    }
  }

  /** While a call that has not returned has the thread, the guest goes on for `call` if that has, and otherwise for the former. */
  #runBeside(call: HostCall | undefined): void {
    if (call instanceof StreamingCall && this.has(call.call.id)) {
      this.#giveBack = this.#instance.lend();
      this.#goOnFor(call);
    } else {
      this.#leave();
      this.#giveBack?.();
      this.#giveBack = undefined;
    }
  }

  #goOnFor(call: StreamingCall): void {
    if (call === this.#running) return;
    this.#leave();
    const { time } = this.#termsOf(call);
    if (call.used > time) throw timeLimit(time);
    this.#running = call;
    call.since = watchTime() - call.used;
    this.#instance.enter(call.call, call.output, call.since);
  }

  #leave(): void {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    running.output = this.#instance.leave();
    running.used = watchTime() - running.since;
  }

  #termsOf({ call }: StreamingCall): CallTerms {
    return call.terms ?? this.#instance.terms;
  }
}
