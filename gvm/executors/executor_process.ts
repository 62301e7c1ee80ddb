import { Timer } from "../../gmp/async/timer.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import { answering, notify, request } from "../../gmp/channel/messages.ts";
import type { Identity } from "../../gmp/handshake/identity.ts";
import type { SessionGrant } from "../../gmp/messages/grants.ts";
import { dialWithTicket } from "../../gmp/ports/dial_with_ticket.ts";
import { GhostError } from "../../gmp/errors.ts";
import { Flag } from "../../gmp/frames/frame.ts";
import { newKey } from "../../gmp/handshake/keys.ts";
import type { Reply } from "../../gmp/messages/messages.ts";
import type { LoopbackAddress } from "../../gmp/messages/peer.ts";
import type { IncomingRequest } from "../../gmp/channel/incoming.ts";
import { endedEarly, endOf } from "../../gmp/device/early_end.ts";
import { killProcess } from "../../gmp/device/kill_process.ts";
import type { ExecutorReport } from "../executor/main.ts";
import type { NodeLine, WatchdogReport } from "../executor/watchdog_messages.ts";
import { ErrorLines } from "./error_lines.ts";
import { executorCommand } from "./executor_command.ts";
import { endsNext } from "./ends_next.ts";
import { type ExecutorOptions, spawnExecutor } from "./executor_spawn.ts";
import type { ModuleSource } from "../gpmd/module_source.ts";

/** Milliseconds that an executor may take to start and answer; on a machine under load it takes a second. */
const START_TIME = 20_000;
/** Bytes of module that are sent at once. */
const CHUNK = 1 << 18;

/** Milliseconds between two checks that an executor is alive: a stopped one is killed at the second. */
const ALIVE_TIME = 5000;

/**
 * Beats of a watchdog that does not hear of a cancellation, each saying that the same call has the thread as at the one
 * before, after which the call keeps it. On a busy machine the watchdog waits for a processor as that thread does, so that
 * a call which only waits is not taken for one that computes.
 */
const CANCEL_ANSWER_BEATS = 3;

/** Milliseconds after which such an executor does not answer a cancellation, whatever its watchdog says. */
const CANCEL_ANSWER_TIME = 5000;

/**
 * Most unanswered cancellations of an executor: a blocked one answers none, and more are not needed to end
 * it.
 */
const CANCEL_LIMIT = 1024;

/** Why an executor's watchdog says that it must end. */
export type Overdue = Extract<WatchdogReport, { overdue: unknown }>["overdue"];

/** What the caller of a session may do: anything, if there are no grants. */
interface GrantedCaller {
  readonly grants?: readonly SessionGrant[];
  /** The change of grants that this is of. */
  readonly revision: number;
}

/** One executor: its process and the control connection to it. It dies with this process. */
export class ExecutorProcess {
  /** Its id, a UUID that it draws itself: no two executors ever share one. */
  readonly id: string;
  /** Where sessions dial it. */
  readonly address: LoopbackAddress;
  /** Its process id. */
  readonly pid: number;
  /** Resolves when the process has ended. */
  readonly exited: Promise<void>;
  readonly #child: Deno.ChildProcess;
  readonly #control: Channel;
  readonly #overdue: (call: Overdue) => void;
  /** What its watchdog reads, unless its streams are inherited. */
  readonly #input: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #checking: Timer | undefined;
  #heard = true;
  #ended = false;
  #cancelling = 0;
  /** Cancellations that its watchdog does not hear of, and how many beats have said since that a call has the thread. */
  readonly #unheard = new Set<{ occupied: number; readonly keepsThread: () => void }>();
  /** Changes of grants that its watchdog has yet to confirm. */
  readonly #holding = new Map<number, PromiseWithResolvers<void>>();

  /** `reports` are what its watchdog writes from now on. */
  private constructor(
    child: Deno.ChildProcess,
    id: string,
    address: LoopbackAddress,
    control: Channel,
    reports: AsyncIterable<string>,
    overdue: (call: Overdue) => void,
    isInherited: boolean,
  ) {
    this.#child = child;
    this.pid = child.pid;
    this.id = id;
    this.address = address;
    this.#control = control;
    this.#overdue = overdue;
    if (!isInherited) {
      this.#input = child.stdin.getWriter();
      this.#checkAliveLater();
    }
    const watched = this.#watch(reports).catch(() => killProcess(child));
    this.exited = Promise.all([child.status, watched]).then(() => {
      this.#ended = true;
      this.#checking?.cancel();
      control.abort(new GhostError("EXECUTOR_RESTARTED"));
    });
    // An executor that does not answer is useless.
    control.closed.then(() => this.kill());
  }

  /**
   * Starts an executor with `options` that gets its modules from `modules`; `overdue` is called when calls
   * must be ended by killing the process. While it starts, `signal` ends it.
   *
   * @throws {GhostError} `BAD_ARGUMENTS` and `RESOURCE_EXHAUSTED` when it cannot be started, or something
   * ended it; `CONNECTION_LOST` when it does not answer; `INTERNAL`, with its standard error, when it ends
   * before it serves.
   */
  static async start(
    options: ExecutorOptions,
    modules: ModuleSource,
    overdue: (call: Overdue) => void,
    signal: AbortSignal,
  ): Promise<ExecutorProcess> {
    signal.throwIfAborted();
    const child = spawnExecutor(options);
    const stop = () => killProcess(child);
    signal.addEventListener("abort", stop, { once: true });
    const errors = new ErrorLines(child.stderr);
    const reports = errors.reports();
    const timer = new Timer(START_TIME, () => killProcess(child));
    try {
      const first = await reports.next();
      if (first.done) throw endOf(await child.status, errors.complaint);
      const { id, port, key } = JSON.parse(first.value) as ExecutorReport;
      const control = await connectControl(id, port, Uint8Array.fromHex(key), modules);
      const isInherited = options.inherited !== undefined;
      return new ExecutorProcess(child, id, { loopback: port }, control, reports, overdue, isInherited);
    } catch (error) {
      killProcess(child);
      if (options.inherited === undefined) await child.stdin.close().catch(() => {});
      await reports.return(undefined);
      await child.status;
      const { program } = executorCommand(options.limits);
      throw await endedEarly({ what: "an executor", program, error });
    } finally {
      timer.cancel();
      signal.removeEventListener("abort", stop);
    }
  }

  /** False once the process has ended or was killed. */
  get alive(): boolean {
    return !this.#ended && this.#control.open;
  }

  /** Admits session `number` for the calls of `caller`, and returns the single-use ticket to dial it with. */
  async openSession(number: number, caller: Identity, granted: GrantedCaller): Promise<Uint8Array> {
    const ticket = newKey();
    await request(this.#control, "session.open", { session: number, ticket, caller, ...granted });
    return ticket;
  }

  /**
   * Tells it what the callers of these `sessions` may do from now on. Resolves when that holds at their next call, even
   * while a call occupies the executor's thread, or when the process has ended.
   */
  async changeGrants(
    revision: number,
    sessions: readonly (readonly [number: number, grants: readonly SessionGrant[]])[],
  ): Promise<void> {
    for (const [session, grants] of sessions) {
      request(this.#control, "session.grants", { session, grants, revision }).catch(() => {});
    }
    const held = Promise.withResolvers<void>();
    this.#holding.set(revision, held);
    this.#tellWatchdog({
      revision,
      sessions: sessions.map(([session, grants]) => [session, grants.map(({ what }) => what)]),
    });
    await Promise.race([held.promise, this.exited]);
    this.#holding.delete(revision);
  }

  /** Ends session `number`: drops its instances and closes its connection. */
  closeSession(number: number): void {
    request(this.#control, "session.close", { session: number }).catch(() => {});
  }

  /**
   * Ends call `id` of session `number`: in the executor if it gives the thread back, otherwise after its
   * watchdog's report, or for want of an answer.
   */
  cancel(number: number, id: number): void {
    if (this.#cancelling >= CANCEL_LIMIT) return;
    this.#cancelling++;
    const settled = this.#input === undefined ? this.#awaitAnswer(number, id) : () => {};
    request(this.#control, "session.cancel", { session: number, id }).catch(() => {})
      .finally(() => {
        settled();
        this.#cancelling--;
      });
    this.#tellWatchdog([number, id]);
  }

  /** Ends a cancelled call that keeps the thread, unless what it returns is called before. */
  #awaitAnswer(number: number, id: number): () => void {
    const keepsThread = () => this.#overdue({ calls: [{ session: number, id }], reason: "cancelled" });
    const unheard = { occupied: 0, keepsThread };
    const timer = new Timer(CANCEL_ANSWER_TIME, keepsThread);
    this.#unheard.add(unheard);
    return () => {
      timer.cancel();
      this.#unheard.delete(unheard);
    };
  }

  /** Tells it that its names and versions may be out of date. */
  modulesChanged(): void {
    notify(this.#control, "modules.changed", {});
  }

  /** Kills the process and waits for its end, unless this process ends next. */
  async kill(): Promise<void> {
    if (!this.#ended) killProcess(this.#child);
    this.#ended = true;
    if (endsNext()) return;
    await this.#input?.close().catch(() => {});
    await this.exited;
  }

  #tellWatchdog(line: NodeLine): void {
    this.#input?.write(new TextEncoder().encode(`${JSON.stringify(line)}\n`)).catch(() => {});
  }

  #checkAliveLater(): void {
    this.#checking = new Timer(ALIVE_TIME, () => this.#checkAlive());
  }

  /** Kills a stopped process: it might answer much later, or never. */
  #checkAlive(): void {
    if (!this.#heard) return void this.kill();
    this.#heard = false;
    this.#input?.write(new TextEncoder().encode("\n")).catch(() => {});
    this.#checkAliveLater();
  }

  async #watch(reports: AsyncIterable<string>): Promise<void> {
    for await (const line of reports) {
      const report = JSON.parse(line) as WatchdogReport;
      if ("overdue" in report) this.#overdue(report.overdue);
      else if ("revision" in report) this.#holding.get(report.revision)?.resolve();
      else if ("occupied" in report) this.#occupied();
      else this.#heard = true;
    }
  }

  #occupied(): void {
    for (const unheard of this.#unheard) {
      if (++unheard.occupied === CANCEL_ANSWER_BEATS) unheard.keepsThread();
    }
  }
}

async function connectControl(
  id: string,
  port: number,
  ticket: Uint8Array,
  modules: ModuleSource,
): Promise<Channel> {
  return new Channel(await dialWithTicket({ port, ticket, audience: `executor/${id}` }), {
    handlers: answering({
      "executor.resolve": ({ name, version, hash, elsewhere = false, device }) =>
        modules.resolve(name, version, hash === undefined ? undefined : { hash, elsewhere, device }),
      "executor.fetch": ({ hash }, asked) => sendModule(hash, asked, modules),
    }),
  });
}

async function sendModule(
  hash: string,
  asked: IncomingRequest,
  modules: ModuleSource,
): Promise<Reply<"executor.fetch">> {
  const bytes = await modules.bytes(hash);
  for (let start = 0; start < bytes.length; start += CHUNK) {
    await asked.send(bytes.subarray(start, start + CHUNK), Flag.MORE);
  }
  return { size: bytes.length };
}
