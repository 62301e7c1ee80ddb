import { GhostError } from "../../gmp/errors.ts";
import { type ExecutionLimits, timeLimit } from "../wasm/execution_limits.ts";
import { ExecutorProcess, type Overdue } from "./executor_process.ts";
import type { ModuleSource } from "./module_source.ts";

/** How often in a row an executor is started for a session that waits for it. */
const START_ATTEMPTS = 3;

/** Where a session is served: dial the port with the ticket. */
export interface SessionPlace {
  /** The executor's loopback port. */
  readonly port: number;
  /** Good once, for 30 seconds. */
  readonly ticket: Uint8Array;
}

/** A place for one caller's calls, which outlives the executor that serves it at the moment. */
export interface HostedSession {
  /** The place to dial; a new one each time. Waits for an executor that is being started. */
  place(): Promise<SessionPlace>;
  /** Ends call `id`, which was made at the executor on `port`. */
  cancel(port: number, id: number): void;
  /** Ends the session. */
  close(): void;
}

/** Hears that call `id` at the executor on `port` was ended with `error`, before that executor is gone. */
export type CallStopped = (port: number, id: number, error: GhostError) => void;

/** One executor of the pool, or the one that is being started for it. */
interface Slot {
  executor: Promise<ExecutorProcess>;
  failed: boolean;
  running: ExecutorProcess | undefined;
  sessions: Map<number, CallStopped>;
}

/** What a pool works with. */
export interface PoolOptions {
  /** Executors that may run at once; beyond that the one with the fewest sessions is shared. */
  readonly size: number;
  /** Limits of every call. */
  readonly limits: ExecutionLimits;
  /** Where modules come from. */
  readonly modules: ModuleSource;
}

/** The executors of a node: starts them, gives them sessions, replaces those that had to be killed. */
export class ExecutorPool {
  readonly #options: PoolOptions;
  readonly #slots = new Set<Slot>();
  /** The ends of executors that nobody needs any more. */
  readonly #retiring = new Set<Promise<void>>();
  #lastSession = 0;
  #closed = false;

  /** A pool that starts no process yet. */
  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Executors that run. */
  get size(): number {
    return this.#slots.size;
  }

  /** A session of its own executor while there may be more of them, else of the least loaded. `stopped` hears of calls that were ended. */
  open(stopped: CallStopped): HostedSession {
    if (this.#closed) throw new GhostError("CANCELLED", "Cannot open a session: the node is closing");
    const slot = this.#choose();
    // A session that is dialled again after its connection broke gets a number of its own: its state is gone.
    let number = this.#newNumber(slot, stopped);
    let used = false;
    let closed = false;
    return {
      place: async () => {
        for (let attempt = 1;;) {
          let executor: ExecutorProcess;
          try {
            executor = await this.#executorOf(slot);
          } catch (error) {
            // One that was killed while it started is no reason to give up.
            if (closed || this.#closed || attempt++ === START_ATTEMPTS) throw error;
            continue;
          }
          if (closed || this.#closed) {
            throw new GhostError("CANCELLED", "Cannot go on: the session was closed");
          }
          if (!executor.alive) {
            await executor.exited;
            continue;
          }
          if (used) {
            slot.sessions.delete(number);
            if (executor.alive) executor.closeSession(number);
            number = this.#newNumber(slot, stopped);
          }
          used = true;
          try {
            return { port: executor.port, ticket: await executor.openSession(number) };
          } catch (error) {
            if (closed || this.#closed || executor.alive) throw error;
          }
        }
      },
      cancel: (port, id) => {
        if (slot.running?.port === port) slot.running.cancel(number, id);
      },
      close: () => {
        closed = true;
        slot.sessions.delete(number);
        if (slot.sessions.size === 0) this.#retire(slot);
        else slot.running?.closeSession(number);
      },
    };
  }

  /** Tells every executor that modules changed. */
  modulesChanged(): void {
    for (const { running } of this.#slots) running?.modulesChanged();
  }

  /** Ends every executor and waits for that. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const slot of this.#slots) this.#retire(slot);
    await Promise.all(this.#retiring);
  }

  /** The executor of `slot`; one that could not be started is tried again. */
  #executorOf(slot: Slot): Promise<ExecutorProcess> {
    if (slot.failed && !this.#closed) this.#start(slot);
    return slot.executor;
  }

  #newNumber(slot: Slot, stopped: CallStopped): number {
    this.#lastSession = this.#lastSession + 1 & 0x7fffffff;
    slot.sessions.set(this.#lastSession, stopped);
    return this.#lastSession;
  }

  #choose(): Slot {
    if (this.#slots.size < this.#options.size) {
      const slot: Slot = {
        executor: undefined!,
        failed: false,
        running: undefined,
        sessions: new Map(),
      };
      this.#start(slot);
      this.#slots.add(slot);
      return slot;
    }
    return [...this.#slots].reduce((least, slot) => slot.sessions.size < least.sessions.size ? slot : least);
  }

  #start(slot: Slot): void {
    const { limits, modules } = this.#options;
    const executor = ExecutorProcess.start(limits, modules, (call) => {
      // A report may still be read when its executor was replaced.
      if (slot.executor === executor) this.#overdue(slot, call);
    });
    slot.executor = executor;
    slot.failed = false;
    slot.running = undefined;
    executor.then((running) => {
      slot.running = running;
      running.exited.then(() => {
        // Whatever ended it, its sessions go on at a new one.
        if (slot.executor === executor && this.#slots.has(slot)) this.#start(slot);
      });
    }, () => slot.failed = true);
  }

  #overdue(slot: Slot, { session, id, reason }: Overdue): void {
    const { running } = slot;
    if (running === undefined) return;
    const error = reason === "time" ? timeLimit(this.#options.limits) : new GhostError("CANCELLED");
    running.kill();
    slot.sessions.get(session)?.(running.port, id, error);
  }

  #retire(slot: Slot): void {
    this.#slots.delete(slot);
    const gone = slot.executor.then((executor) => executor.kill(), () => {})
      .finally(() => this.#retiring.delete(gone));
    this.#retiring.add(gone);
  }
}
