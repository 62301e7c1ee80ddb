import type { AbortOptions } from "../../gmp/abort_options.ts";
import { GhostError } from "../../gmp/errors.ts";
import { parseNodeAddress } from "../../gmp/names.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import type { SessionClient } from "../calls/session_client.ts";
import { localSession } from "../calls/local_session.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import { checkExecutors } from "../executors/executor_count.ts";
import { ExecutorPool } from "../executors/executor_pool.ts";
import { GpmdConnection } from "../gpmd/gpmd_connection.ts";
import { GpmdModules } from "../gpmd/gpmd_modules.ts";
import { FrontDoor } from "../peers/front_door.ts";
import { Peers } from "../peers/peers.ts";
import { Reconnection } from "../peers/reconnection.ts";
import type { NodeEvents } from "./node_events.ts";
import { withName } from "./node_name.ts";
import type { GhostNodeOptions } from "./node_options.ts";

/** What a node is connected to: its GPMD, its own executors, and its peers. */
export class NodeConnections {
  /** Its id. */
  readonly id: string = crypto.randomUUID();
  /** The modules that its GPMD has. */
  readonly modules: GpmdModules;
  readonly #options: GhostNodeOptions;
  readonly #events: NodeEvents;
  readonly #forget: () => void;
  readonly #pool: ExecutorPool;
  readonly #door: FrontDoor;
  #peers!: Peers;
  #toGpmd!: GpmdConnection;
  #name = "";
  #localSession: SessionClient | undefined;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;
  readonly #reconnection = new Reconnection((name, signal) => this.connect(name, { signal }));

  /**
   * Connections for a node with `options`, whose executors keep to `limits`. Tells `events` what becomes of them, and calls
   * `forget` when names of modules may stand for something else than before.
   */
  constructor(options: GhostNodeOptions, limits: ExecutionLimits, events: NodeEvents, forget: () => void) {
    this.#options = options;
    this.#events = events;
    this.#forget = forget;
    this.modules = new GpmdModules(() => this.#toGpmd);
    this.#pool = new ExecutorPool({
      size: checkExecutors(options.executors ?? 8),
      limits,
      modules: this.modules,
    });
    this.#door = new FrontDoor(this.id, (connection, expected) => this.#peers.enter(connection, expected));
  }

  /** Registers the node at its GPMD. @throws {GhostError} as `GhostNode.start`; nothing is left open then. */
  async open(settings: Settings, secret: Uint8Array): Promise<void> {
    try {
      await this.#register(settings, secret);
    } catch (error) {
      await this.#door.close();
      throw error;
    }
  }

  /** The node's name, once it is registered. */
  get name(): string {
    return this.#name;
  }

  /** True when it was closed, or is being closed. */
  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Its GPMD. */
  get gpmd(): GpmdConnection {
    return this.#toGpmd;
  }

  /** Names of its peers, in the order in which they were connected. */
  get peers(): string[] {
    return this.#peers.names;
  }

  /** See `GhostNode.connect`. */
  async connect(name: string, options: AbortOptions = {}): Promise<void> {
    parseNodeAddress(name);
    if (name === this.name) {
      throw new GhostError("CONNECTION_DENIED", `Cannot connect: "${name}" is this node`);
    }
    this.refuseClosed();
    await this.#peers.connect(name, options.signal);
  }

  /** See `GhostNode.disconnect`. */
  async disconnect(name: string): Promise<void> {
    const ended = this.#reconnection.end(name);
    if (!ended || this.peers.includes(name)) await this.#peers.get(name, "").close();
  }

  /** The session for calls on that node, by default this one. @throws {GhostError} `NOT_CONNECTED`, `CANCELLED`. */
  session(on: string | undefined): SessionClient {
    this.refuseClosed();
    if (on !== undefined && on !== this.name) return this.#peers.get(on).session;
    return this.#localSession ??= localSession(this.#pool, {
      role: "node",
      node: { name: this.#name, id: this.id },
    });
  }

  /** Whether that node is on another device. @throws {GhostError} `NOT_CONNECTED`. */
  isElsewhere(on: string | undefined): on is string {
    return on !== undefined && on !== this.name && this.#peers.get(on).identity.device !== undefined;
  }

  /** @throws {GhostError} `CANCELLED` when it was closed. */
  refuseClosed(): void {
    if (this.closed) throw new GhostError("CANCELLED", "Cannot go on: the node was closed");
  }

  /** Says goodbye to every peer and to GPMD, and ends every executor. */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#reconnection.close();
    // Its own executor ends while the others hear of it.
    this.#localSession?.close(new GhostError("CANCELLED", "The node was closed"));
    await this.#door.close();
    await this.#peers.close();
    await this.#toGpmd.close();
    await this.#pool.close();
  }

  async #register(settings: Settings, secret: Uint8Array): Promise<void> {
    const { name: chosen, signal } = this.#options;
    await withName(chosen, async (name) => {
      this.#toGpmd = await GpmdConnection.open({
        port: settings.gmpPort,
        secret,
        node: { name, id: this.id, port: this.#door.port },
        expect: (peer) => this.#door.expect(peer),
        state: (state, error) => {
          this.#events.emit("gpmd", error === undefined ? { state } : { state, error });
        },
        modulesChanged: () => this.#modulesChanged(),
        devicesChanged: () => this.#reconnection.hurry(),
        granted: (grants) => this.#pool.grant(grants),
      }, signal);
      this.#name = name;
    });
    this.#peers = new Peers({
      self: { name: this.#name, id: this.id },
      pool: this.#pool,
      locate: (address, signal) => this.#toGpmd.locate(address, { signal }),
      pipes: {
        offer: (device, port) => this.#toGpmd.offer(device, port),
        open: (device, pipe) => this.#toGpmd.open(device, pipe),
      },
      accept: this.#options.accept ?? (() => true),
      modulesChanged: () => this.#forget(),
      connected: (name) => {
        this.#toGpmd.peersChanged(this.peers.length);
        this.#events.emit("connect", { name });
      },
      disconnected: (name, error, ours) => {
        this.#toGpmd.peersChanged(this.peers.length);
        this.#events.emit("disconnect", { name, error });
        if (ours && error !== undefined) this.#reconnection.begin(name);
      },
    });
  }

  #modulesChanged(): void {
    this.#forget();
    this.modules.changed();
    this.#pool.modulesChanged();
    // A peer may have heard of the change from its GPMD, and asked us, before we heard.
    this.#peers?.modulesChanged();
  }
}
