import type { Channel } from "../../gmp/channel/channel.ts";
import type { PendingHandshakes } from "../../gmp/ports/pending_handshakes.ts";
import type { NodeDescription } from "../../gmp/messages/gpmd.ts";
import type { Devices } from "../devices/device_commands.ts";
import type { RemoteModules } from "../devices/remote_modules.ts";
import type { DaemonEvents } from "../events/daemon_event.ts";
import type { Grants } from "../grants/grants.ts";
import type { FetchedModules } from "../store/fetched_modules.ts";
import type { ModuleStore } from "../store/module_store.ts";
import type { NodeRegistry } from "./registry.ts";
import type { DaemonPort } from "./port.ts";
import type { Semaphore } from "../../gmp/async/semaphore.ts";

/** The connection of a registered node; the registration ends with it. */
export interface NodeConnection {
  /** How the node described itself. */
  readonly node: Readonly<NodeDescription>;
  /** Tells this registration from earlier and later ones of the same name. */
  readonly generation: number;
  /** The channel. */
  readonly channel: Channel;
  /** How many nodes it is connected to, as it last told. */
  peerCount: number;
}

/** All that a daemon knows: the operations of both ports share this one object. */
export interface DaemonState {
  /** The directory of the store. */
  readonly home: string;
  /** When it started, in milliseconds since 1970. */
  readonly startedAt: number;
  /** The same by `performance.now`, a clock that nobody can set. */
  readonly began: number;
  /** The registered nodes. */
  readonly registry: NodeRegistry;
  /** Their connections, by name. */
  readonly connections: Map<string, NodeConnection>;
  /** The modules. */
  readonly store: ModuleStore;
  /** Those that came from other devices by their hash. */
  readonly fetched: FetchedModules;
  /** The modules of other devices. */
  readonly remoteModules: RemoteModules;
  /** Other devices. */
  readonly devices: Devices;
  /** What may be done on the nodes of this device, and by whom. */
  readonly grants: Grants;
  /** Limits how many parts of modules are read at once. */
  readonly reads: Semaphore;
  /** Where events go: to the log, and to any other sink. */
  readonly events: DaemonEvents;
  /** Both ports. */
  readonly ports: { readonly command: DaemonPort; readonly gmp: DaemonPort };
  /** Connections in their handshake, at either port: they share one process's memory and descriptors. */
  readonly waiting: PendingHandshakes;
  /** Changes to the store that are under way; each ends by itself once `stopping` is aborted. */
  readonly changes: Set<Promise<void>>;
  /** Whether whoever started the daemon can start it again. */
  readonly restartable: boolean;
  /** Aborted when the daemon begins to stop. */
  readonly stopping: AbortSignal;
  /** Stops the daemon, to be started again with `restart`; `channel` asked for it and is told last. */
  stop(channel: Channel, asked: { readonly restart: boolean }): void;
}
