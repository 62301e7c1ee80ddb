import { type ExecutionLimits, processCeiling } from "../engine/execution_limits.ts";
import type { Asker } from "../engine/session_room.ts";
import { STORAGE } from "./no_storage.ts";
import type { Watch } from "../engine/watch.ts";
import { type LoadMessage, watchdogMain, type WatchdogStart } from "./watchdog_thread.ts";

/**
 * Shared memory between the thread that runs modules and its watchdog: 32-bit words, then a double at byte 16. The call
 * that has the thread is word 0, 0 for none; its session and id; whether the watchdog looks; when the call began.
 */
const WORDS = { mark: 0, session: 1, id: 2, awake: 3 } as const;
const SINCE = 2;
const SHARED_BYTES = 24;

/** How often the watchdog looks while calls are made, in milliseconds; it bounds how late a time limit is noticed. */
const LOOK = 50;
/** How soon it looks again at the least, where little memory is left below the ceiling of the process. */
const SHORTEST_LOOK = 5;
/**
 * Bytes that a process may take in a millisecond, by which the watchdog knows when to look again: measured were 2.3 MB on two
 * processors.
 */
const FASTEST_GROWTH = 8_000_000;
/** A call or a load that grew the process by less of its ceiling than this is not blamed for the rest. */
const BLAMED_PART = 1 / 8;
/** Nor is a load that would have grown the process by more than this for each byte of its module: some 40 were measured. */
const GREATEST_SWELL = 1024;
/** Looks without a call after which it sleeps until the next one, so that an idle executor costs no processor. */
const IDLE_LOOKS = 20;
/** How often the watchdog of an executor that has inherited its streams looks whether its node is there, in milliseconds. */
const BEAT = 100;
/** What the executor's thread has to end by itself, in milliseconds, when the node is gone. */
const GRACE = 200;
/** Cancellations that are remembered for calls that have yet to get the thread. */
const CANCELLED_LIMIT = 1024;

/** Is told of modules that are checked and compiled, which keeps threads and takes memory as calls do. */
export interface LoadWatch {
  /** One begins, of a module of `bytes`; returns its mark. */
  begin(bytes: number): number;
  /** `asker` waits for the load that got `mark`. */
  ask(mark: number, asker: Asker): void;
  /** It has ended. */
  end(mark: number): void;
}

/** What an executor tells its watchdog. */
export interface ExecutorWatch extends Watch {
  /** A call was cancelled: one that does not give the thread back is overdue. */
  cancel(call: Asker): void;
  /** Of loads. */
  readonly loads: LoadWatch;
}

/** Tells the watchdog of loads, by messages: they are few. */
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
    readonly cancel: (call: Asker) => void,
    wake: () => void,
  ) {
    this.#words = new Int32Array(shared, 0, 4);
    this.#doubles = new Float64Array(shared);
    this.#wake = wake;
  }

  enter(session: number, id: number, since: number): number {
    const words = this.#words;
    this.#last = this.#last + 1 & 0x7fffffff || 1;
    // A call that ended may be shown still: what is told of this one must not pass for what was told of that one.
    Atomics.store(words, WORDS.mark, 0);
    words[WORDS.session] = session;
    words[WORDS.id] = id;
    this.#doubles[SINCE] = since;
    // Ordered with the watchdog, which says that it sleeps and then looks at the mark once more.
    Atomics.store(words, WORDS.mark, this.#last);
    if (Atomics.load(words, WORDS.awake) === 0) this.#wake();
    return this.#last;
  }

  leave(mark: number): void {
    if (this.#words[WORDS.mark] === mark) Atomics.store(this.#words, WORDS.mark, 0);
  }
}

/**
 * Starts the watchdog: a thread that looks at which call runs and since when, what is being loaded, and how much memory the
 * process has, and reports on standard error what is past `limits`. It ends the process by itself when that is at its
 * ceiling still after a while: its node may be busy. And when its node is gone, whatever its main thread does: that says the end of standard
 * input, on which the node says what to cancel and asks with an empty line whether the process is there; or, with `node` "stderr",
 * standard error that nobody reads any more, which it finds out by an empty line now and then.
 */
export function startWatchdog(
  limits: ExecutionLimits,
  { node }: { readonly node: WatchdogStart["node"] },
): ExecutorWatch {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  // A worker from a blob needs no permission; one from a file would need to read it.
  const url = URL.createObjectURL(new Blob([`(${watchdogMain})()`], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  worker.onmessage = () => Deno.exit(0);
  const start: WatchdogStart = {
    shared,
    limit: limits.time,
    ceiling: processCeiling(limits),
    look: LOOK,
    shortestLook: SHORTEST_LOOK,
    fastestGrowth: FASTEST_GROWTH,
    blamedPart: BLAMED_PART,
    greatestSwell: GREATEST_SWELL,
    idleLooks: IDLE_LOOKS,
    node,
    beat: BEAT,
    grace: GRACE,
    cancelledLimit: CANCELLED_LIMIT,
    storage: STORAGE,
  };
  worker.postMessage(start);
  const words = new Int32Array(shared, 0, 4);
  const loads = new LoadMessages((message) => worker.postMessage(message));
  const cancel = (call: Asker) => worker.postMessage({ cancelled: call });
  return new SharedWatch(shared, loads, cancel, () => {
    Atomics.store(words, WORDS.awake, 1);
    worker.postMessage(null);
  });
}
