import type { Channel } from "../../gmp/channel/channel.ts";
import type { GhostError } from "../../gmp/errors.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { linkKey } from "../../gmp/handshake/keys.ts";
import { VERSION } from "../../gmp/version.ts";
import { PendingHandshakes } from "../../gmp/ports/pending_handshakes.ts";
import { commandChannelOptions, MAX_COMMAND_CONNECTIONS } from "./command_port.ts";
import { DeviceQuotas } from "../devices/device_quotas.ts";
import { Invitations } from "../devices/invitations.ts";
import { DeviceReach } from "../devices/device_reach.ts";
import { LinkConnection } from "../devices/link_connection.ts";
import { Renames } from "../devices/renames.ts";
import { RemoteModules } from "../devices/remote_modules.ts";
import { RemoteNodes } from "../devices/remote_nodes.ts";
import { linkChannelOptions } from "../devices/link_port.ts";
import { DaemonEvents } from "../events/daemon_event.ts";
import { DaemonLog } from "../events/daemon_log.ts";
import type { DaemonState } from "./daemon_state.ts";
import { Grants } from "../grants/grants.ts";
import { openHome } from "../store/home.ts";
import { MAX_READS } from "./module_responses.ts";
import { FetchedModules } from "../store/fetched_modules.ts";
import { ModuleStore } from "../store/module_store.ts";
import { rememberPorts } from "../store/ports_file.ts";
import {
  devicesChanged,
  handlersForDevice,
  handlersForLink,
  MAX_NODE_CONNECTIONS,
  nodeChannelOptions,
} from "./node_port.ts";
import { DaemonPort, listen } from "./port.ts";
import { NodeRegistry } from "./registry.ts";
import { Semaphore } from "../../gmp/async/semaphore.ts";

/** Milliseconds between two log lines about refused connections: a flood of them is one event. */
const REFUSAL_INTERVAL = 10_000;

/** How a daemon is started. */
interface DaemonOptions {
  /** Gets every line of the log as well. */
  readonly echo?: (line: string) => void;
  /** Whether whoever started it can start it again. */
  readonly restartable?: boolean;
  /**
   * Called when the store is closed and both ports are free; only those who asked it to stop are still connected. With
   * `restart` it is to be started again.
   */
  readonly stopped?: (end: { readonly restart: boolean }) => void;
}

/** The Ghost Port Mapper Daemon in this process: its state, its two ports, and their end. */
export class Daemon implements AsyncDisposable {
  readonly #state: DaemonState;
  readonly #log: DaemonLog;
  readonly #options: DaemonOptions;
  /** The channels that asked it to stop. */
  readonly #asking = new Set<Channel>();
  readonly #stopping = new AbortController();
  #stopped: Promise<void> | undefined;
  /** Whether all who asked it to stop want it started again. */
  #restart = false;

  private constructor(
    settings: Settings,
    parts: Pick<DaemonState, "store" | "fetched" | "events" | "grants" | "connections"> & {
      readonly secret: Uint8Array;
      readonly linkKey: Uint8Array;
      readonly log: DaemonLog;
    },
    listeners: Listeners,
    options: DaemonOptions,
  ) {
    const { secret, linkKey, store, fetched, events, log, grants, connections } = parts;
    this.#log = log;
    this.#options = options;
    const waiting = new PendingHandshakes();
    const link = new LinkConnection(events);
    const reach = new DeviceReach(link);
    const common = (port: string) => ({ secret, waiting, refused: refusals(events, port) });
    const state: DaemonState = this.#state = {
      home: settings.home,
      startedAt: Date.now(),
      began: performance.now(),
      registry: new NodeRegistry(),
      connections,
      store,
      fetched,
      remoteModules: new RemoteModules(reach, fetched, events),
      devices: {
        home: settings.home,
        link,
        nodes: new RemoteNodes(link),
        reach,
        invitations: new Invitations(),
        quotas: new DeviceQuotas(),
        grants,
        renames: new Renames({ home: settings.home, link, grants, events }),
        events,
      },
      grants,
      reads: new Semaphore(MAX_READS),
      events,
      ports: {
        command: new DaemonPort(listeners.command, {
          ...common("command"),
          audience: "gpmd/commands",
          limit: MAX_COMMAND_CONNECTIONS,
        }),
        gmp: new DaemonPort(listeners.gmp, {
          ...common("gmp"),
          audience: "gpmd/nodes",
          linkKey,
          limit: MAX_NODE_CONNECTIONS,
        }),
      },
      waiting,
      changes: new Set(),
      restartable: options.restartable === true,
      stopping: this.#stopping.signal,
      stop: (channel, { restart }) => {
        this.#restart = restart && (this.#stopped === undefined || this.#restart);
        this.#asking.add(channel);
        this.stop();
      },
    };
    const commands = commandChannelOptions(state);
    state.ports.command.serve(commands);
    state.ports.gmp.serve(
      nodeChannelOptions(state),
      linkChannelOptions(state.devices, {
        commands,
        handlers: handlersForLink(state),
        modules: handlersForDevice(state),
        devicesChanged: () => devicesChanged(state),
      }),
    );
  }

  /**
   * Starts a daemon. It opens both ports before it touches anything else, so where one is in use it leaves nothing
   * behind.
   *
   * @throws {GhostError} `PORT_IN_USE` naming the port, `GPMD_ALREADY_RUNNING` when another daemon has the store, or
   * `STORE_FAULT` when the store cannot be used.
   */
  static async start(settings: Settings, options: DaemonOptions = {}): Promise<Daemon> {
    const listeners = openListeners(settings);
    let store: ModuleStore | undefined;
    try {
      const secret = await openHome(settings.home);
      const { expectHeld } = store = await ModuleStore.open(settings.home);
      const connections: DaemonState["connections"] = new Map();
      const [fetched, grants, keyOfLink] = await whole([
        FetchedModules.open(settings.home),
        Grants.open(settings.home, () => connections.values(), expectHeld),
        linkKey(secret),
        rememberPorts(settings.home, portsOf(listeners)),
      ]);
      const log = new DaemonLog(settings.home, options.echo);
      const events = new DaemonEvents();
      events.add(log.sink);
      const daemon = new Daemon(
        settings,
        { secret, linkKey: keyOfLink, store, fetched, events, log, grants, connections },
        listeners,
        options,
      );
      for (const { name, from, to, merged } of store.upgraded) {
        events.emit({ type: merged ? "version.merged" : "version.renamed", name, from, to });
      }
      events.emit({ type: "daemon.started", pid: Deno.pid, version: VERSION, ...daemon.ports });
      return daemon;
    } catch (error) {
      closeListeners(listeners);
      await store?.close();
      throw error;
    }
  }

  /** The ports that it serves. */
  get ports(): { commandPort: number; gmpPort: number } {
    const { command, gmp } = this.#state.ports;
    return { commandPort: command.number, gmpPort: gmp.number };
  }

  /** Its events. */
  get events(): DaemonEvents {
    return this.#state.events;
  }

  /** Stops it: tells the nodes, finishes changes to the store, frees both ports. Stopping twice does nothing. */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  /** See {@linkcode Daemon.stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    const { ports: { command, gmp }, store, waiting, changes, events } = this.#state;
    events.emit({ type: "daemon.stopping" });
    this.#stopping.abort();
    const results = await Promise.allSettled([store.close(), gmp.dismiss(this.#asking), ...changes]);
    // An answer leaves in the turn in which its change ends: a turn later, the goodbye comes after it.
    await new Promise((resolve) => setTimeout(resolve));
    await command.dismiss(this.#asking);
    for (const result of results) {
      if (result.status === "rejected") events.emit({ type: "fault", message: String(result.reason) });
    }
    events.emit({ type: "daemon.stopped" });
    this.#log.close();
    waiting.close();
    // The ports come last: whoever finds them free finds the store free too.
    await Promise.all([command.close(), gmp.close()]);
    this.#options.stopped?.({ restart: this.#restart });
    await Promise.all([command.dismiss(), gmp.dismiss()]);
  }
}

/** What all of `parts` give; where one fails, its error once none is under way any more. */
async function whole<const Parts extends readonly Promise<unknown>[]>(
  parts: Parts,
): Promise<{ -readonly [Part in keyof Parts]: Awaited<Parts[Part]> }> {
  await Promise.allSettled(parts);
  return await Promise.all(parts);
}

interface Listeners {
  readonly command: Deno.TcpListener;
  readonly gmp: Deno.TcpListener;
}

function openListeners({ commandPort, gmpPort }: Settings): Listeners {
  const command = listen(commandPort);
  try {
    return { command, gmp: listen(gmpPort) };
  } catch (error) {
    command.close();
    throw error;
  }
}

function portsOf({ command, gmp }: Listeners): { commandPort: number; gmpPort: number } {
  return { commandPort: command.addr.port, gmpPort: gmp.addr.port };
}

function closeListeners({ command, gmp }: Listeners): void {
  command.close();
  gmp.close();
}

/** Combines many refusals into one event. */
function refusals(events: DaemonEvents, port: string): (error: GhostError) => void {
  let count = 0;
  let last = -Infinity;
  return ({ code, message }) => {
    count++;
    const now = performance.now();
    if (now - last < REFUSAL_INTERVAL) return;
    events.emit({ type: "connections.refused", port, count, code, message });
    last = now;
    count = 0;
  };
}
