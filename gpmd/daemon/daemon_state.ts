import type { Channel } from "../../gmp/channel/channel.ts";
import type { Waiting } from "../../gmp/ports/waiting.ts";
import type { NodeDescription } from "../../gmp/messages/node.ts";
import type { DaemonEvents } from "../events/daemon_event.ts";
import type { ModuleStore } from "../store/module_store.ts";
import type { NodeRegistry } from "./registry.ts";
import type { DaemonPort } from "./port.ts";
import type { Semaphore } from "../../gmp/async/semaphore.ts";

/** A node that is registered, and the connection on which its registration lives. */
export interface NodeSession {
  /** What it said of itself. */
  readonly node: Readonly<NodeDescription>;
  /** Told from an earlier or later registration of the name by this. */
  readonly generation: number;
  /** Its connection. */
  readonly channel: Channel;
  /** Nodes that it is connected to, as it has told. */
  connections: number;
}

/** All that a daemon knows: one object, which the operations of both ports work on. */
export interface DaemonState {
  /** The directory of the store. */
  readonly home: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** The same by `performance.now`, which nobody sets. */
  readonly began: number;
  /** Who is registered. */
  readonly registry: NodeRegistry;
  /** The sessions of those, by name. */
  readonly sessions: Map<string, NodeSession>;
  /** The modules. */
  readonly store: ModuleStore;
  /** Whose turn it is to read a part of a module. */
  readonly reads: Semaphore;
  /** Hears what happens: the log, and whoever else wants to know. */
  readonly events: DaemonEvents;
  /** Both ports. */
  readonly ports: { readonly command: DaemonPort; readonly gmp: DaemonPort };
  /** Who is in the handshake, at either port: what they cost comes out of one process's memory and descriptors. */
  readonly waiting: Waiting;
  /** Changes of the store that are under way; each ends by itself once `stopping` is aborted. */
  readonly changes: Set<Promise<void>>;
  /** Aborted when the daemon begins to stop. */
  readonly stopping: AbortSignal;
  /** Stops the daemon; `channel` asked for it and is told last. */
  stop(channel: Channel): void;
}
