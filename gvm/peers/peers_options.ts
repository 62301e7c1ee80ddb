import type { GhostError } from "../../gmp/errors.ts";
import type { NodeIdentity } from "../../gmp/handshake/identity.ts";
import type { LocatedNode } from "../../gmp/messages/gpmd.ts";
import type { NodeAddress } from "../../gmp/names.ts";
import type { ExecutorPool } from "../executors/executor_pool.ts";
import type { Pipes } from "./places.ts";

/** A node that wants to connect. */
export interface ConnectingNode {
  /** Its name here, which is what `connect` and `on` take: `node-1`, or `node-1@laptop` if it is of another device. */
  readonly name: string;
  /** Its id, a UUID. */
  readonly id: string;
  /** Its device, by the name that it has here; this device when left out. */
  readonly device?: string | undefined;
}

/** Says whether a node may connect; `signal` aborts when the answer no longer matters: the node has gone, or is connected. */
export type AcceptPeer = (peer: ConnectingNode, signal: AbortSignal) => boolean | Promise<boolean>;

/** Asks GPMD where a node is. */
type Locate = (address: NodeAddress, signal: AbortSignal) => Promise<LocatedNode>;

/** What a node's peers need. */
export interface PeersOptions {
  /** Who this node is. */
  readonly self: NodeIdentity;
  /** Serves the calls of peers. */
  readonly pool: ExecutorPool;
  /** Finds nodes. */
  readonly locate: Locate;
  /** Reaches executors on other devices. */
  readonly pipes: Pipes;
  /** Decides who may connect; not asked about a node that this one is connecting to. */
  readonly accept: AcceptPeer;
  /** Names and versions may stand for something else at a peer. */
  modulesChanged(): void;
  /** A node was connected, by either side. */
  connected(name: string): void;
  /** A connection ended: with an error unless either side said goodbye; `ours` if this node had made it. */
  disconnected(name: string, error: GhostError | undefined, ours: boolean): void;
}
