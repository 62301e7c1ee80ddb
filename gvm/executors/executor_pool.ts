import { GhostError } from "../../gmp/errors.ts";
import { isSilence } from "../../gmp/handshake/handshake.ts";
import { grantsOf, notGranted } from "../../gmp/grants/granted.ts";
import type { Identity } from "../../gmp/handshake/identity.ts";
import type { Grant, SessionGrant } from "../../gmp/messages/grants.ts";
import type { LoopbackAddress } from "../../gmp/messages/peer.ts";
import { Semaphore } from "../../gmp/async/semaphore.ts";
import {
  ceilingReached,
  type ExecutionLimits,
  loadTimeLimit,
  timeLimit,
  whyCeiling,
} from "../engine/execution_limits.ts";
import { ExecutorProcess, type Overdue } from "./executor_process.ts";
import type { ExecutorOptions } from "./executor_spawn.ts";
import type { ModuleSource } from "../gpmd/module_source.ts";

/** How often in a row an executor is started for a waiting session. */
const START_ATTEMPTS = 3;

/** Where a session is served: dial the port with the ticket. */
export interface SessionPlace {
  /** The executor's id. */
  readonly executor: string;
  /** The address to dial. */
  readonly address: LoopbackAddress;
  /** Good once, for 30 seconds. */
  readonly ticket: Uint8Array;
  /** Why the previous executor was ended, if more is known than that it was. */
  readonly reason?: string | undefined;
}

/** The session for one caller's calls; it outlives the executor that currently serves it. */
export interface HostedSession {
  /** The place to dial; a new one each time. Waits for an executor that is starting. */
  place(): Promise<SessionPlace>;
  /** Ends call `id`, which was made at `executor`. */
  cancel(executor: string, id: number): void;
  /** Ends the session. */
  close(): void;
}

/** Called when call `id` at `executor` was ended with `error`, before that executor is gone. */
type CallStopped = (executor: string, id: number, error: GhostError) => void;

/** Who a session is for. */
interface Caller {
  readonly identity: Identity;
  /** Whether it is this process itself, which may do anything. */
  readonly isOwn: boolean;
  readonly stopped: CallStopped;
}

/** One executor of the pool, or one that is starting. */
interface Slot {
  executor: Promise<ExecutorProcess>;
  failed: boolean;
  running: ExecutorProcess | undefined;
  sessions: Map<number, Caller>;
  /** Why the previous executor was ended, and why this one is being ended. */
  reason: string | undefined;
  ending: string | undefined;
  /** Aborted when nobody needs it any more. */
  readonly retired: AbortController;
}

/** What a pool needs. */
interface PoolOptions extends ExecutorOptions {
  /**
   * Most executor processes at once, including those that are being ended; beyond that, sessions share the
   * one with the fewest.
   */
  readonly size: number;
  /** Where modules come from. */
  readonly modules: ModuleSource;
}

/** A node's executors: starts them, gives them sessions, replaces those that had to be killed. */
export class ExecutorPool {
  readonly #options: PoolOptions;
  readonly #slots = new Set<Slot>();
  /** One unit for each process, from before it starts until it is gone. */
  readonly #processes: Semaphore;
  /** Executors that nobody needs any more, until they have ended. */
  readonly #retiring = new Set<Promise<void>>();
  #lastSession = 0;
  /** What others may do; nothing until somebody says so. */
  #grants: readonly Grant[] = [];
  /** How often that has changed. */
  #revision = 0;
  #closed = false;

  /** A pool that starts no process yet. */
  constructor(options: PoolOptions) {
    this.#options = options;
    this.#processes = new Semaphore(options.size);
  }

  /** The number of running executors. */
  get size(): number {
    return this.#slots.size;
  }

  /**
   * A session for the calls of `caller`, at an executor of its own while there may be more, otherwise at the
   * one with the fewest sessions. `stopped` is called for each call that was ended. Its grants do not limit a
   * caller that `isOwn`: this process itself.
   */
  open(identity: Identity, stopped: CallStopped, { isOwn = false }: { isOwn?: boolean } = {}): HostedSession {
    const caller: Caller = { identity, stopped, isOwn };
    if (this.#closed) throw new GhostError("CANCELLED", "Cannot open a session: the node is closing");
    const slot = this.#choose();
    // A session that is dialled again after its connection broke gets a new number: its state is gone.
    let number = this.#newNumber(slot, caller);
    let used = false;
    let closed = false;
    return {
      place: async () => {
        for (let attempt = 1;;) {
          let executor: ExecutorProcess;
          try {
            executor = await this.#executorOf(slot);
          } catch (error) {
            // An executor that was killed while it started is no reason to give up; one that is silent was waited for.
            if (closed || this.#closed || isSilence(error) || attempt++ === START_ATTEMPTS) throw error;
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
            number = this.#newNumber(slot, caller);
          }
          used = true;
          try {
            const ticket = await executor.openSession(number, identity, this.#grantedTo(caller));
            return { executor: executor.id, address: executor.address, ticket, reason: slot.reason };
          } catch (error) {
            if (closed || this.#closed || executor.alive) throw error;
          }
        }
      },
      cancel: (executor, id) => {
        if (slot.running?.id === executor) slot.running.cancel(number, id);
      },
      close: () => {
        closed = true;
        slot.sessions.delete(number);
        if (slot.sessions.size === 0) this.#retire(slot);
        else slot.running?.closeSession(number);
      },
    };
  }

  /**
   * From now on `grants` say what others may do here. Resolves when that holds at their next call; what runs without a
   * grant is ended.
   */
  async grant(grants: readonly Grant[]): Promise<void> {
    this.#grants = grants;
    const revision = ++this.#revision;
    await Promise.all(Array.from(this.#slots, async ({ running, sessions }) => {
      const limited = Array.from(sessions).flatMap(([number, caller]) =>
        caller.isOwn ? [] : [[number, grantsOf(caller.identity, grants)] as const]
      );
      if (limited.length > 0) await running?.changeGrants(revision, limited);
    }));
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

  /** The executor of `slot`; if it could not be started, this tries again. */
  #executorOf(slot: Slot): Promise<ExecutorProcess> {
    if (slot.failed && !this.#closed) this.#start(slot);
    return slot.executor;
  }

  #newNumber(slot: Slot, caller: Caller): number {
    this.#lastSession = this.#lastSession + 1 & 0x7fffffff;
    slot.sessions.set(this.#lastSession, caller);
    return this.#lastSession;
  }

  #grantedTo({ identity, isOwn }: Caller): { grants?: SessionGrant[]; revision: number } {
    const revision = this.#revision;
    return isOwn ? { revision } : { grants: grantsOf(identity, this.#grants), revision };
  }

  #choose(): Slot {
    if (this.#slots.size < this.#options.size) {
      const slot: Slot = {
        executor: undefined!,
        failed: false,
        running: undefined,
        sessions: new Map(),
        reason: undefined,
        ending: undefined,
        retired: new AbortController(),
      };
      this.#start(slot);
      this.#slots.add(slot);
      return slot;
    }
    return [...this.#slots].reduce((least, slot) => slot.sessions.size < least.sessions.size ? slot : least);
  }

  #start(slot: Slot): void {
    const executor = this.#process(slot, (overdue) => {
      // A report may still arrive after its executor was replaced.
      if (slot.executor === executor) this.#overdue(slot, overdue);
    });
    slot.executor = executor;
    slot.failed = false;
    slot.running = undefined;
    executor.then((running) => {
      slot.running = running;
      running.exited.then(() => {
        slot.reason = slot.ending;
        slot.ending = undefined;
        // Whatever ended it, its sessions continue at a new one.
        if (slot.executor === executor && this.#slots.has(slot)) this.#start(slot);
      });
    }, () => slot.failed = true);
  }

  /** Starts a process, once the limit allows one more. */
  async #process(slot: Slot, overdue: (overdue: Overdue) => void): Promise<ExecutorProcess> {
    const { signal } = slot.retired;
    await this.#processes.acquire(signal);
    try {
      const running = await ExecutorProcess.start(this.#options, this.#options.modules, overdue, signal);
      running.exited.then(() => this.#processes.release());
      return running;
    } catch (error) {
      this.#processes.release();
      throw error;
    }
  }

  #overdue(slot: Slot, overdue: Overdue): void {
    const { running } = slot;
    if (running === undefined) return;
    if (overdue.reason === "memory") {
      slot.ending = `The executor was restarted: its process ${whyCeiling(this.#options.limits)}`;
    }
    running.kill();
    for (const { session, id } of overdue.calls) {
      const caller = slot.sessions.get(session);
      caller?.stopped(running.id, id, errorOf(overdue, this.#options.limits, caller.identity));
    }
  }

  #retire(slot: Slot): void {
    this.#slots.delete(slot);
    slot.retired.abort(new GhostError("CANCELLED", "Cannot go on: the session was closed"));
    const gone = slot.executor.then((executor) => executor.kill(), () => {})
      .finally(() => this.#retiring.delete(gone));
    this.#retiring.add(gone);
  }
}

function errorOf(overdue: Overdue, limits: ExecutionLimits, caller: Identity): GhostError {
  switch (overdue.reason) {
    case "time":
      return timeLimit(overdue.limit ?? limits.time);
    case "loading":
      return loadTimeLimit(limits);
    case "memory":
      return ceilingReached(limits);
    case "cancelled":
      return new GhostError("CANCELLED");
    case "revoked":
      return notGranted(caller, "go on", overdue.grant ?? "*");
  }
}
