import { type ExecutionLimits, processCeiling } from "../engine/execution_limits.ts";
import type { Asker } from "../engine/session_room.ts";
import { STORAGE } from "./no_storage.ts";
import type { CallTerms, Watch } from "../engine/watch.ts";
import type { GrantMessage, LoadMessage, WatchdogStart } from "./watchdog_messages.ts";
import { watchdogMain } from "./watchdog_thread.ts";

/**
 * Shared memory between the thread that runs modules and its watchdog: 32-bit words, and a double at byte
 * 16. Word 0 is the mark of the call that has the thread, 0 for none; then its session and id; whether the
 * watchdog is awake; the double is when the call began; then how long it may take, and what it is. The
 * watchdog writes the last word: how often grants have changed.
 */
const WORDS = { mark: 0, session: 1, id: 2, awake: 3, time: 6, what: 7, revision: 8 } as const;
const SINCE = 2;
const SHARED_WORDS = 10;

/**
 * Milliseconds between the watchdog's checks while calls are made; this bounds how late a time limit is
 * noticed.
 */
const CHECK_INTERVAL = 50;
/** Shortest time between checks, when little memory is left below the ceiling of the process. */
const SHORTEST_INTERVAL = 5;
/**
 * Fastest growth of a process, in bytes per millisecond, from which the watchdog derives its next check: 2.3
 * MB were measured on two processors.
 */
const FASTEST_GROWTH = 8_000_000;
/** A call or a load that grew the process by less of its ceiling than this is not blamed for the rest. */
const BLAMED_PART = 1 / 8;
/** Nor is a load blamed for growth beyond this many bytes per byte of its module: some 40 were measured. */
const GREATEST_SWELL = 1024;
/**
 * Checks without a call after which it sleeps until the next one, so that an idle executor uses no processor
 * time.
 */
const IDLE_CHECKS = 20;
/**
 * Milliseconds between checks that the node exists, for an executor that has inherited its streams. They also tell the node
 * that a call keeps the thread.
 */
const BEAT = 100;
/** Milliseconds for the executor's main thread to end on its own when the node is gone. */
const GRACE = 200;
/** Most cancellations remembered for calls that have yet to get the thread. */
const CANCELLED_LIMIT = 1024;

/** Watches modules being checked and compiled, which occupies threads and memory as calls do. */
export interface LoadWatch {
  /** A load begins, of a module of `bytes`; returns its mark. */
  begin(bytes: number): number;
  /** `asker` waits for the load that got `mark`. */
  ask(mark: number, asker: Asker): void;
  /** The load has ended. */
  end(mark: number): void;
}

/** An executor's view of its watchdog. */
export interface ExecutorWatch extends Watch {
  /** A call was cancelled: if it does not give the thread back, it is overdue. */
  cancel(call: Asker): void;
  /** Watches loads. */
  readonly loads: LoadWatch;
  /** Watches for what is no longer granted. */
  readonly grants: GrantWatch;
  /** How often the node has changed grants. */
  readonly revision: number;
}

/** Tells the watchdog what could be revoked while it has the thread, by the number that a call's terms give it. */
export interface GrantWatch {
  /** Number `what` of `session` may run while any of `grants` is granted, the narrowest first. */
  runs(session: number, what: number, grants: readonly string[]): void;
  /** That number will not run again; without one, nothing of the session will. */
  forget(session: number, what?: number): void;
}

/** Tells the watchdog about loads, in messages, since they are few. */
class LoadMessages implements LoadWatch {
  #last = 0;

  constructor(readonly send: (message: LoadMessage) => void) {}

  begin(bytes: number): number {
    this.send({ load: ++this.#last, bytes });
    return this.#last;
  }

  ask(load: number, asker: Asker): void {
    this.send({ load, asker });
  }

  end(load: number): void {
    this.send({ load, ended: true });
  }
}

/** Tells the watchdog, in shared memory, which call has the thread. */
class SharedWatch implements ExecutorWatch {
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #wake: () => void;
  #last = 0;

  constructor(
    shared: SharedArrayBuffer,
    readonly loads: LoadWatch,
    readonly grants: GrantWatch,
    readonly cancel: (call: Asker) => void,
    wake: () => void,
  ) {
    this.#words = new Int32Array(shared);
    this.#doubles = new Float64Array(shared);
    this.#wake = wake;
  }

  get revision(): number {
    return Atomics.load(this.#words, WORDS.revision);
  }

  enter(session: number, id: number, since: number, terms: CallTerms): number {
    const words = this.#words;
    this.#last = this.#last + 1 & 0x7fffffff || 1;
    // A call that has ended may still be shown: the data of this one must not be taken for that one's.
    Atomics.store(words, WORDS.mark, 0);
    words[WORDS.session] = session;
    words[WORDS.id] = id;
    words[WORDS.time] = terms.time;
    words[WORDS.what] = terms.what;
    this.#doubles[SINCE] = since;
    // Ordered with the watchdog, which says that it sleeps and then checks the mark once more.
    Atomics.store(words, WORDS.mark, this.#last);
    if (Atomics.load(words, WORDS.awake) === 0) this.#wake();
    return this.#last;
  }

  leave(mark: number): void {
    if (this.#words[WORDS.mark] === mark) Atomics.store(this.#words, WORDS.mark, 0);
  }
}

/**
 * Starts the watchdog: a thread that checks which call runs and since when, what is being loaded, and how
 * much memory the process has, and reports on standard error what exceeds `limits`. It ends the process
 * itself if that stays at its ceiling for a while, since the node may be busy, and when the node is gone,
 * whatever the main thread does. The end of standard input means that the node is gone; on it the node sends
 * cancellations, and empty lines that ask whether the process is alive. With `node` "stderr" it is standard
 * error that nobody reads any more, which the watchdog tests with an empty line now and then.
 */
export function startWatchdog(
  limits: ExecutionLimits,
  { node }: { readonly node: WatchdogStart["node"] },
): ExecutorWatch {
  const shared = new SharedArrayBuffer(4 * SHARED_WORDS);
  // A worker from a blob needs no permission; one from a file would need permission to read it.
  const url = URL.createObjectURL(new Blob([`(${watchdogMain})()`], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  worker.onmessage = () => Deno.exit(0);
  const start: WatchdogStart = {
    shared,
    limit: limits.time,
    ceiling: processCeiling(limits),
    checkInterval: CHECK_INTERVAL,
    shortestInterval: SHORTEST_INTERVAL,
    fastestGrowth: FASTEST_GROWTH,
    blamedPart: BLAMED_PART,
    greatestSwell: GREATEST_SWELL,
    idleChecks: IDLE_CHECKS,
    node,
    beat: BEAT,
    grace: GRACE,
    cancelledLimit: CANCELLED_LIMIT,
    storage: STORAGE,
  };
  worker.postMessage(start);
  const words = new Int32Array(shared);
  const loads = new LoadMessages((message) => worker.postMessage(message));
  const tell = (message: GrantMessage) => worker.postMessage(message);
  const grants: GrantWatch = {
    runs: (session, what, grants) => tell({ session, what, grants }),
    forget: (session, what) => tell({ session, forgotten: what ?? "all" }),
  };
  const cancel = (call: Asker) => worker.postMessage({ cancelled: call });
  return new SharedWatch(shared, loads, grants, cancel, () => {
    Atomics.store(words, WORDS.awake, 1);
    worker.postMessage(null);
  });
}
