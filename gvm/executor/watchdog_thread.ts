import type { Asker } from "../engine/session_room.ts";

/** What the watchdog writes to the executor's standard error, a line of JSON each. */
export type WatchdogReport = {
  /** Why the process must end. */
  readonly overdue: {
    /**
     * The call that outlived its limit, or was cancelled and does not give the thread back; for whom a module was loaded that
     * took longer than a call may; who has the process at the ceiling of its memory, none when that cannot be told.
     */
    readonly calls: readonly Asker[];
    /** What it is. */
    readonly reason: "time" | "loading" | "cancelled" | "memory";
  };
} | {
  /** The answer to an empty line: the process is there, whatever keeps its main thread. */
  readonly alive: true;
};

/** What the watchdog is told of a load. */
export type LoadMessage =
  | { readonly load: number; readonly bytes: number }
  | { readonly load: number; readonly asker: Asker }
  | { readonly load: number; readonly ended: true };

/** What the watchdog is told at its start; times are in milliseconds, memory is in bytes. See `watchdog.ts` for each. */
export interface WatchdogStart {
  readonly shared: SharedArrayBuffer;
  readonly limit: number;
  readonly ceiling: number;
  readonly look: number;
  readonly shortestLook: number;
  readonly fastestGrowth: number;
  readonly blamedPart: number;
  readonly greatestSwell: number;
  readonly idleLooks: number;
  readonly node: "stdin" | "stderr";
  readonly beat: number;
  readonly grace: number;
  readonly cancelledLimit: number;
  readonly storage: readonly string[];
}

/** The worker's whole program: it is sent as text, so it must use nothing from outside of itself. */
export function watchdogMain(): void {
  const scope = self as unknown as {
    onmessage: (event: MessageEvent) => void;
    postMessage(message: unknown): void;
  };
  interface Load {
    since: number;
    bytes: number;
    memory: number;
    askers: Asker[];
    /** Whether it was late at the look before: that it has ended may be on its way. */
    isLate: boolean;
  }
  let words: Int32Array;
  let doubles: Float64Array;
  let start: WatchdogStart;
  let seen = 0;
  let seenAt = 0;
  let seenMemory = 0;
  let reported = 0;
  let idle = 0;
  let memory = 0;
  let isFull = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const loads = new Map<number, Load>();
  /** When calls were cancelled, by session and id; what is over by then stays until it is the oldest. */
  const cancelled = new Map<string, number>();

  /** As `watchTime` has it. */
  const time = (): number => performance.timeOrigin + performance.now();

  const report = (report: WatchdogReport): void => write(JSON.stringify(report));
  const write = (line: string): void => {
    try {
      Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
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
  /** Who has let the process grow: those for whom it grew much, where all of them are of one session. */
  const blamed = (call: Asker | undefined): Asker[] => {
    const grew = (before: number) => memory - before >= start.ceiling * start.blamedPart;
    // A load that waits for the thread while a call keeps it is not what grows.
    const swelled = ({ memory: before, bytes }: Load) =>
      grew(before) && memory - before <= bytes * start.greatestSwell;
    const loading = [...loads.values()].filter(swelled).flatMap((load) => load.askers);
    const all = call !== undefined && grew(seenMemory) ? [call, ...loading] : loading;
    return all.every(({ session }) => session === all[0]!.session) ? all : [];
  };
  const lookAtMemory = (call: Asker | undefined): void => {
    const before = memory;
    memory = Deno.memoryUsage().rss;
    // What V8 compiles in the background is nobody's call, and is looked at all the same.
    if (memory > before + 1e6) idle = 0;
    if (memory <= start.ceiling || isFull) return;
    isFull = true;
    report({ overdue: { calls: blamed(call), reason: "memory" } });
    setTimeout(giveUp, start.grace);
  };
  const lookAtLoads = (now: number): void => {
    for (const [number, load] of loads) {
      if (now - load.since <= start.limit) continue;
      if (load.isLate) {
        loads.delete(number);
        report({ overdue: { calls: load.askers, reason: "loading" } });
      }
      load.isLate = true;
    }
  };
  const look = (): void => {
    const mark = Atomics.load(words, 0);
    const session = words[1]!;
    const id = words[2]! >>> 0;
    const since = doubles[2]!;
    const now = time();
    const isNew = mark !== seen;
    if (isNew) {
      seen = mark;
      seenAt = now;
      seenMemory = memory;
      idle = 0;
    }
    const has = mark !== 0 && Atomics.load(words, 0) === mark;
    lookAtMemory(has ? { session, id } : undefined);
    lookAtLoads(now);
    if (mark === 0 && loads.size === 0) {
      if (++idle > start.idleLooks) {
        Atomics.store(words, 3, 0);
        if (Atomics.load(words, 0) === 0) return;
        Atomics.store(words, 3, 1);
      }
    } else if (has && !isNew && mark !== reported) {
      // One that is seen for the first time may just be ending itself, its own timer having gone off.
      const reason = overdue(`${session} ${id}`, since, now);
      if (reason !== undefined) {
        reported = mark;
        report({ overdue: { calls: [{ session, id }], reason } });
      }
    }
    clearTimeout(timer); // of a wake-up that crossed
    const room = (start.ceiling - memory) / start.fastestGrowth;
    timer = setTimeout(look, Math.max(start.shortestLook, Math.min(start.look, room)));
  };
  const takeLoad = (message: LoadMessage): void => {
    const { load } = message;
    if ("ended" in message) {
      loads.delete(load);
      return;
    }
    if ("asker" in message) {
      loads.get(load)?.askers.push(message.asker);
      return;
    }
    loads.set(load, {
      since: time(),
      bytes: message.bytes,
      memory: Deno.memoryUsage().rss,
      askers: [],
      isLate: false,
    });
    Atomics.store(words, 3, 1);
    look();
  };
  const cancel = (call: string): void => {
    cancelled.set(call, time());
    if (cancelled.size > start.cancelledLimit) cancelled.delete(cancelled.keys().next().value!);
  };
  const end = (): void => {
    scope.postMessage("end");
    setTimeout(giveUp, start.grace);
  };
  const giveUp = (): void => {
    try {
      // No thread of Deno may end another. But V8 ends the process that needs an array beyond the greatest size,
      Reflect.apply(Array.prototype.toSorted, { length: 2 ** 28 }, []);
    } finally {
      // and, were that to change, one whose heap is full.
      for (const hoard: unknown[] = [];;) hoard.push(new Array(1e6).fill(0));
    }
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
    if ("load" in data) return takeLoad(data);
    if ("cancelled" in data) return cancel(`${data.cancelled.session} ${data.cancelled.id}`);
    start = data;
    words = new Int32Array(start.shared, 0, 4);
    doubles = new Float64Array(start.shared);
    memory = Deno.memoryUsage().rss;
    for (const name of start.storage) {
      delete (globalThis as Record<string, unknown>)[name];
    }
    if (start.node === "stdin") listen();
    else setInterval(write, start.beat, "");
  };
}
