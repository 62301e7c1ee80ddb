import type { Watch } from "../wasm/watch.ts";

/**
 * Shared memory between the thread that runs modules and its watchdog: 32-bit words, then a double at byte 16. The call
 * that has the thread is word 0, 0 for none; its session and id; whether the watchdog looks; when the call began.
 */
const WORDS = { mark: 0, session: 1, id: 2, awake: 3 } as const;
const SINCE = 2;
const SHARED_BYTES = 24;

/** How often the watchdog looks while calls are made, in milliseconds; it bounds how late a time limit is noticed. */
const LOOK = 50;
/** Looks without a call after which it sleeps until the next one, so that an idle executor costs no processor. */
const IDLE_LOOKS = 20;
/** What the executor's thread has to end by itself, in milliseconds, when the node is gone. */
const GRACE = 200;
/** Cancellations that are remembered for calls that have yet to get the thread. */
const CANCELLED_LIMIT = 1024;

/** What the watchdog writes to the executor's standard output, a line of JSON each. */
export type WatchdogReport = {
  /** The call that outlived its limit, or was cancelled and does not give the thread back. */
  readonly overdue: {
    /** Number of its session. */
    readonly session: number;
    /** Its id. */
    readonly id: number;
    /** Why it must end. */
    readonly reason: "time" | "cancelled";
  };
} | {
  /** The answer to an empty line: the process is there, whatever keeps its main thread. */
  readonly alive: true;
};

/** Tells the watchdog, in shared memory, which call has the thread. */
class SharedWatch implements Watch {
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #wake: () => void;
  #last = 0;

  constructor(shared: SharedArrayBuffer, wake: () => void) {
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
 * Starts the watchdog: a thread that looks at which call runs and since when, and reports on standard output the one that
 * outlives `limit` milliseconds. It reads standard input, on which the node says what to cancel, asks with an empty line
 * whether the process is there, and whose end says that the node is gone: then the process ends, whatever its main
 * thread does.
 */
export function startWatchdog(limit: number): Watch {
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  // A worker from a blob needs no permission; one from a file would need to read it.
  const url = URL.createObjectURL(new Blob([`(${watchdogMain})()`], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  worker.onmessage = () => Deno.exit(0);
  worker.postMessage({
    shared,
    limit,
    look: LOOK,
    idleLooks: IDLE_LOOKS,
    grace: GRACE,
    cancelledLimit: CANCELLED_LIMIT,
  });
  const words = new Int32Array(shared, 0, 4);
  return new SharedWatch(shared, () => {
    Atomics.store(words, WORDS.awake, 1);
    worker.postMessage(null);
  });
}

/** The worker's whole program: it is sent as text, so it must use nothing from outside of itself. */
function watchdogMain(): void {
  const scope = self as unknown as {
    onmessage: (event: MessageEvent) => void;
    postMessage(message: unknown): void;
  };
  interface Start {
    shared: SharedArrayBuffer;
    limit: number;
    look: number;
    idleLooks: number;
    grace: number;
    cancelledLimit: number;
  }
  let words: Int32Array;
  let doubles: Float64Array;
  let start: Start;
  let seen = 0;
  let seenAt = 0;
  let reported = 0;
  let idle = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** When calls were cancelled, by session and id; what is over by then stays until it is the oldest. */
  const cancelled = new Map<string, number>();

  /** As `watchTime` has it. */
  const time = (): number => performance.timeOrigin + performance.now();

  const report = (line: WatchdogReport): void => {
    try {
      Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
    } catch {
      // Nobody reads it any more. An error here would end this thread, and leave the process to whatever it runs.
      end();
    }
  };
  const overdue = (call: string, since: number, now: number): "time" | "cancelled" | undefined => {
    if (now - (since > 0 ? since : seenAt) > start.limit) return "time";
    // The main thread was told as well, and has had the time to end what does not keep it.
    return now - (cancelled.get(call) ?? Infinity) > start.look ? "cancelled" : undefined;
  };
  const look = (): void => {
    const mark = Atomics.load(words, 0);
    const session = words[1]!;
    const id = words[2]! >>> 0;
    const since = doubles[2]!;
    const now = time();
    if (mark !== seen) {
      seen = mark;
      seenAt = now;
      idle = 0;
    }
    if (mark === 0) {
      if (++idle > start.idleLooks) {
        Atomics.store(words, 3, 0);
        if (Atomics.load(words, 0) === 0) return;
        Atomics.store(words, 3, 1);
      }
    } else if (mark !== reported) {
      const reason = overdue(`${session} ${id}`, since, now);
      if (reason !== undefined && Atomics.load(words, 0) === mark) {
        reported = mark;
        report({ overdue: { session, id, reason } });
      }
    }
    clearTimeout(timer); // of a wake-up that crossed
    timer = setTimeout(look, start.look);
  };
  const cancel = (call: string): void => {
    cancelled.set(call, time());
    if (cancelled.size > start.cancelledLimit) cancelled.delete(cancelled.keys().next().value!);
  };
  const end = (): void => {
    scope.postMessage("end");
    setTimeout(() => {
      try {
        // No thread of Deno may end another. But V8 ends the process that needs an array beyond the greatest size,
        Reflect.apply(Array.prototype.toSorted, { length: 2 ** 28 }, []);
      } finally {
        // and, were that to change, one whose heap is full.
        for (const hoard: unknown[] = [];;) hoard.push(new Array(1e6).fill(0));
      }
    }, start.grace);
  };
  const listen = async (): Promise<void> => {
    const decoder = new TextDecoder();
    const bytes = new Uint8Array(4096);
    let text = "";
    for (;;) {
      const count = await Deno.stdin.read(bytes).catch(() => null);
      if (count === null) return end();
      text += decoder.decode(bytes.subarray(0, count), { stream: true });
      const lines = text.split("\n");
      text = lines.pop()!;
      for (const line of lines) {
        if (line === "") {
          report({ alive: true });
          continue;
        }
        const [session, id] = JSON.parse(line);
        cancel(`${session} ${id}`);
      }
    }
  };
  scope.onmessage = ({ data }) => {
    if (data === null) return look();
    start = data;
    words = new Int32Array(start.shared, 0, 4);
    doubles = new Float64Array(start.shared);
    listen();
  };
}
