/**
 * An executor: the process in which modules run. It is started with `--allow-net=127.0.0.1:0` and no other
 * permission: it listens on its own loopback port and can do nothing else (docs/architecture.md, "Processes
 * and ports").
 *
 * Standard error carries lines of JSON to the node: first its port and the key of the control connection,
 * later the watchdog's reports. Standard input belongs to the watchdog. An executor for a single run (`gvm
 * exec`) may inherit its node's standard input and output: then they belong to the run, and the watchdog uses
 * standard error to see whether its node still exists.
 *
 * @module
 */
import { LISTEN_BACKLOG } from "../../gmp/ports/accept.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import { answering, hearing, request } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { Accepted, Authenticated } from "../../gmp/handshake/handshake.ts";
import { writeModuleName } from "../../gmp/names.ts";
import { newKey } from "../../gmp/handshake/keys.ts";
import type { ReceivedReply, ReceivedRequest, Reply } from "../../gmp/messages/messages.ts";
import { TicketBox } from "../../gmp/handshake/tickets.ts";
import { GuardedPort } from "../../gmp/ports/guarded_port.ts";
import { Quota } from "../wasi/mod.ts";
import type { CompiledModule, ExactModule } from "../engine/compiled_module.ts";
import { checkLimits, type ExecutionLimits, processCeiling } from "../engine/execution_limits.ts";
import { MemoryBudget } from "../engine/memory_budget.ts";
import { Session } from "../engine/session.ts";
import type { Asker, SessionHost } from "../engine/session_room.ts";
import { collectAbove } from "./collect.ts";
import { ModuleLoads } from "./module_loads.ts";
import { withoutStorage } from "./no_storage.ts";
import { type InheritedStream, ProcessStreams } from "./process_streams.ts";
import { SessionGrants } from "./session_grants.ts";
import { SessionServer } from "./session_server.ts";
import { type ExecutorWatch, startWatchdog } from "./watchdog.ts";

/** A session and the connection that serves it, once there is one. */
interface Served {
  session: Session;
  server: SessionServer;
  channel?: Channel;
}

/** What an executor first writes to its standard error: how its node reaches it. */
export interface ExecutorReport {
  /** Its id, a UUID. */
  readonly id: string;
  /** Its loopback port. */
  readonly port: number;
  /** The ticket for the node's control connection, in hexadecimal digits. */
  readonly key: string;
}

class Executor implements SessionHost {
  watch!: ExecutorWatch;
  readonly memory: MemoryBudget;
  readonly #files: Quota;
  readonly #streams: ProcessStreams;
  readonly #loads: ModuleLoads;
  /** What a name and version stand for; forgotten when the node reports a change. */
  readonly #identities = new Map<string, Promise<ReceivedReply<"executor.resolve">>>();
  /** The sessions opened but not yet dialled, and the node's control connection. */
  readonly #tickets = new TicketBox<Served | "control">();
  readonly #sessions = new Map<number, Served>();
  #control: Channel | undefined;

  constructor(readonly limits: ExecutionLimits, readonly inherited: readonly InheritedStream[] | undefined) {
    this.#streams = new ProcessStreams(inherited ?? []);
    const collect = () => collectAbove(processCeiling(limits));
    this.memory = new MemoryBudget(limits, { whose: "its executor", collect });
    this.#files = new Quota({ bytes: limits.files });
    this.#loads = new ModuleLoads(limits, () => this.watch.loads);
  }

  async serve(): Promise<void> {
    const id = crypto.randomUUID();
    const key = newKey();
    const admitted = this.#tickets.admit(key, "control");
    const port = new GuardedPort(
      Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: LISTEN_BACKLOG }),
      {
        audience: `executor/${id}`,
        credential: (name) => this.#tickets.credential(name),
        enter: (connection) => this.#admit(connection),
      },
    );
    const report: ExecutorReport = { id, port: port.number, key: key.toHex() };
    Deno.stderr.writeSync(new TextEncoder().encode(`${JSON.stringify(report)}\n`));
    // Starting a thread takes a while; the node dials meanwhile.
    this.watch = startWatchdog(this.limits, { node: this.inherited === undefined ? "stdin" : "stderr" });
    await admitted;
    // This ends with the process.
    await port.serve();
  }

  /** See {@linkcode SessionHost.load}. */
  async load(
    name: string,
    version: string | undefined,
    asker: Asker,
    exactly?: ExactModule,
  ): Promise<CompiledModule> {
    if (exactly !== undefined) {
      // Not remembered: a caller may call a module anything.
      const found = await request(this.#ask(), "executor.resolve", { name, version, ...exactly });
      return await this.#loads.get(found, asker, (known) => this.#fetch(known));
    }
    const key = writeModuleName({ module: name, version });
    let identity = this.#identities.get(key);
    if (identity === undefined) {
      identity = this.#identify(name, version);
      this.#identities.set(key, identity);
      identity.catch(() => this.#identities.delete(key));
    }
    return await this.#loads.get(await identity, asker, (known) => this.#fetch(known));
  }

  #identify(name: string, version: string | undefined): Promise<ReceivedReply<"executor.resolve">> {
    return request(this.#ask(), "executor.resolve", { name, version });
  }

  async #fetch({ hash, size }: { hash: string; size: number }): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(size);
    let filled = 0;
    await request(this.#ask(), "executor.fetch", { hash }, {
      data: (chunk) => {
        bytes.set(chunk, filled);
        filled += chunk.length;
      },
    });
    return bytes.subarray(0, filled);
  }

  #ask(): Channel {
    if (this.#control === undefined) throw new GhostError("EXECUTOR_RESTARTED");
    return this.#control;
  }

  async #admit(connection: Accepted<Served | "control">): Promise<void> {
    const served = connection.holder;
    if (served === "control") return this.#takeControl(connection);
    if (!this.#sessions.has(served.session.number)) {
      return await new Channel(connection).close(new GhostError("TICKET_EXPIRED"));
    }
    const { handlers, call } = served.server;
    const channel = new Channel(connection, { handlers, call, cancel: (id) => served.session.cancel(id) });
    served.channel = channel;
    channel.closed.then(() => {
      this.#close(served);
    });
  }

  #takeControl(connection: Authenticated): void {
    this.#control = new Channel(connection, {
      handlers: answering({
        "session.open": (opened) => this.#open(opened),
        "session.close": ({ session }) => {
          const served = this.#sessions.get(session);
          if (served !== undefined) this.#close(served);
          served?.channel?.close();
          return {};
        },
        "session.grants": ({ session, grants, revision }) => {
          this.#sessions.get(session)?.server.change(grants, revision);
          return {};
        },
        "session.cancel": ({ session, id }) => {
          this.watch.cancel({ session, id });
          this.#sessions.get(session)?.channel?.cancelIncoming(id);
          return {};
        },
      }),
      notice: hearing({ "modules.changed": () => this.#identities.clear() }),
    });
    // An executor lives as long as its control connection.
    this.#control.closed.then(() => Deno.exit(0));
  }

  #close({ session, server }: Served): void {
    session.close();
    server.close();
    this.#sessions.delete(session.number);
  }

  async #open(
    { session: number, ticket, caller, ...granted }: ReceivedRequest<"session.open">,
  ): Promise<Reply<"session.open">> {
    const session = new Session(this, number);
    const grants = new SessionGrants(caller, this.limits, granted, () => this.watch.revision);
    const files = new Quota({ bytes: this.limits.files }, this.#files);
    const server = new SessionServer(session, grants, this.watch.grants, files, this.#streams);
    const served: Served = { session, server };
    this.#sessions.set(session.number, served);
    // A caller of another device comes over a pipe.
    await this.#tickets.admit(ticket, served, { isPiped: caller.device !== undefined });
    return {};
  }
}

/** Runs an executor with its arguments, each as JSON: the limits and, if any, the inherited streams. */
export async function runExecutor([limits, inherited]: readonly string[]): Promise<void> {
  withoutStorage();
  // Ctrl-C reaches every process of a terminal, and SIGTERM every process of a service: the node decides what
  // ends, and may still want the files of a run that it ends.
  const signals = Deno.build.os === "windows"
    ? ["SIGINT"] as const
    : ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, () => {});
  await new Executor(
    checkLimits(JSON.parse(limits ?? "{}")),
    inherited === undefined ? undefined : JSON.parse(inherited),
  ).serve();
}

if (import.meta.main) await runExecutor(Deno.args);
