import type { Asker } from "../engine/session_room.ts";
import type {
  GrantMessage,
  LoadMessage,
  NodeLine,
  WatchdogReport,
  WatchdogStart,
} from "./watchdog_messages.ts";

/** The worker's whole program: it is sent as text, so it must use nothing from outside itself. */
export function watchdogMain(): void {
  const scope = self as unknown as {
    onmessage: (event: MessageEvent) => void;
    postMessage(message: unknown): void;
  };
  type Reason =
    | { reason: "time"; limit: number }
    | { reason: "cancelled" }
    | { reason: "revoked"; grant: string };
  interface Load {
    since: number;
    bytes: number;
    memory: number;
    askers: Asker[];
    /** Whether it was already late at the previous check: its end may be on its way. */
    isLate: boolean;
  }
  let words: Int32Array;
  let doubles: Float64Array;
  let start: WatchdogStart;
  let seen = 0;
  let beatMark = 0;
  let seenAt = 0;
  let seenMemory = 0;
  let reported = 0;
  let idle = 0;
  let memory = 0;
  let isFull = false;
  /** Set while a check is to come. */
  let timer: AbortSignal | undefined;
  const loads = new Map<number, Load>();
  /** Which grants allow what a session runs, by session and number. */
  const running = new Map<number, Map<number, readonly string[]>>();
  /** What the sessions were granted by the latest change, and when it came. */
  let granted = new Map<number, ReadonlySet<string>>();
  let changedAt = 0;
  /** When calls were cancelled, by session and id; finished ones stay until they are the oldest. */
  const cancelled = new Map<string, number>();

  /** Calls `action` in `milliseconds`; the first `setTimeout` of a thread has Deno load Node's timers (`gmp/async/timer.ts`). */
  const after = (milliseconds: number, action: () => void): AbortSignal => {
    const signal = AbortSignal.timeout(Math.ceil(milliseconds));
    signal.addEventListener("abort", action);
    return signal;
  };

  /** The same as `watchTime`. */
  const time = (): number => performance.timeOrigin + performance.now();

  const report = (report: WatchdogReport): void => write(JSON.stringify(report));
  const write = (line: string): void => {
    try {
      Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
    } catch {
      // Nobody reads it any more. An error here would end this thread, and leave the process running
      // unwatched.
      end();
    }
  };
  const overdue = (call: Asker, since: number, now: number): Reason | undefined => {
    const limit = words[6]!;
    if (now - (since > 0 ? since : seenAt) > limit) return { reason: "time", limit };
    // The main thread was told too, and has had time to end any call that gave the thread back.
    const isHeard = (at: number) => now - at > start.checkInterval;
    if (isHeard(cancelled.get(`${call.session} ${call.id}`) ?? Infinity)) return { reason: "cancelled" };
    const grant = isHeard(changedAt) ? lacking(call.session, words[7]!) : undefined;
    return grant === undefined ? undefined : { reason: "revoked", grant };
  };
  /** The narrowest grant that would allow what runs, if none is there. */
  const lacking = (session: number, what: number): string | undefined => {
    const grants = running.get(session)?.get(what);
    const known = granted.get(session);
    if (grants === undefined || known === undefined) return undefined;
    return grants.some((one) => known.has(one)) ? undefined : grants[0];
  };
  /** Who made the process grow: those during whose call or load it grew much, if all are of one session. */
  const blamed = (call: Asker | undefined): Asker[] => {
    const grew = (before: number) => memory - before >= start.ceiling * start.blamedPart;
    // A load that waits for a thread that a call occupies is not what grows.
    const swelled = ({ memory: before, bytes }: Load) =>
      grew(before) && memory - before <= bytes * start.greatestSwell;
    const loading = [...loads.values()].filter(swelled).flatMap((load) => load.askers);
    const all = call !== undefined && grew(seenMemory) ? [call, ...loading] : loading;
    return all.every(({ session }) => session === all[0]!.session) ? all : [];
  };
  const checkMemory = (call: Asker | undefined): void => {
    const before = memory;
    memory = Deno.memoryUsage().rss;
    // V8's background compilation belongs to no call, and is watched all the same.
    if (memory > before + 1e6) idle = 0;
    if (memory <= start.ceiling || isFull) return;
    isFull = true;
    report({ overdue: { calls: blamed(call), reason: "memory" } });
    after(start.grace, giveUp);
  };
  const checkLoads = (now: number): void => {
    for (const [number, load] of loads) {
      if (now - load.since <= start.limit) continue;
      if (load.isLate) {
        loads.delete(number);
        report({ overdue: { calls: load.askers, reason: "loading" } });
      }
      load.isLate = true;
    }
  };
  const check = (): void => {
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
    checkMemory(has ? { session, id } : undefined);
    checkLoads(now);
    if (mark === 0 && loads.size === 0) {
      if (++idle > start.idleChecks) {
        Atomics.store(words, 3, 0);
        if (Atomics.load(words, 0) === 0) return;
        Atomics.store(words, 3, 1);
      }
    } else if (has && !isNew && mark !== reported) {
      // A call that is late for the first time may be ending right now, by its own timer.
      const call = { session, id };
      const reason = overdue(call, since, now);
      // Another call may have the thread by now, and the rest be about that one.
      if (reason !== undefined && Atomics.load(words, 0) === mark) {
        reported = mark;
        report({ overdue: { calls: [call], ...reason } });
      }
    }
    const room = (start.ceiling - memory) / start.fastestGrowth;
    const next = after(Math.max(start.shortestInterval, Math.min(start.checkInterval, room)), () => {
      if (timer === next) check(); // unless a wake-up crossed it
    });
    timer = next;
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
    check();
  };
  const takeRunning = (message: GrantMessage): void => {
    const { session } = message;
    if (!("forgotten" in message)) {
      const known = running.get(session) ?? new Map();
      running.set(session, known.set(message.what, message.grants));
    } else if (message.forgotten === "all") running.delete(session);
    else running.get(session)?.delete(message.forgotten);
  };
  const takeLine = (line: NodeLine): void => {
    if (!("revision" in line)) return cancel(`${line[0]} ${line[1]}`);
    granted = new Map(line.sessions.map(([session, grants]) => [session, new Set(grants)]));
    changedAt = time();
    Atomics.store(words, 8, line.revision);
    report({ revision: line.revision });
  };
  const cancel = (call: string): void => {
    cancelled.set(call, time());
    if (cancelled.size > start.cancelledLimit) cancelled.delete(cancelled.keys().next().value!);
  };
  const end = (): void => {
    scope.postMessage("end");
    after(start.grace, giveUp);
  };
  const giveUp = (): void => {
    try {
      // No Deno thread can end another. But V8 ends a process that asks for an array beyond the maximum size,
      Reflect.apply(Array.prototype.toSorted, { length: 2 ** 28 }, []);
    } finally {
      // and, should that change, one whose heap is full.
      for (const hoard: unknown[] = [];;) hoard.push(new Array(1e6).fill(0));
    }
  };
  const beat = (): void => {
    const mark = Atomics.load(words, 0);
    if (mark !== 0 && mark === beatMark) report({ occupied: true });
    else write("");
    beatMark = mark;
    after(start.beat, beat);
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
        takeLine(JSON.parse(line));
      }
    }
  };
  scope.onmessage = ({ data }) => {
    if (data === null) return check();
    if ("load" in data) return takeLoad(data);
    if ("grants" in data || "forgotten" in data) return takeRunning(data);
    if ("cancelled" in data) return cancel(`${data.cancelled.session} ${data.cancelled.id}`);
    start = data;
    words = new Int32Array(start.shared);
    doubles = new Float64Array(start.shared);
    memory = Deno.memoryUsage().rss;
    for (const name of start.storage) {
      delete (globalThis as Record<string, unknown>)[name];
    }
    if (start.node === "stdin") listen();
    else beat();
  };
}
