import type { Body } from "../../gmp/body.ts";
import type { Channel } from "../../gmp/channel.ts";
import { GhostError } from "../../gmp/errors.ts";
import { SESSION_CAPS } from "../../gmp/frame.ts";
import { type Authenticated, ticketName } from "../../gmp/handshake.ts";
import { dial } from "../../gmp/tcp.ts";
import type { ExecutorPool } from "./executor_pool.ts";
import type { LocatedNode } from "./gpmd_link.ts";
import {
  controlChannel,
  hostSession,
  type Introduction,
  introductionBody,
  introductionIn,
  type NodeIdentity,
  Peer,
} from "./peer.ts";

/** How long the other one of two crossing connections may take, in milliseconds. */
const CROSSING_TIME = 10_000;

/** Says whether a node may connect. */
export type AcceptPeer = (peer: NodeIdentity) => boolean | Promise<boolean>;

/** What the peers of a node are made with. */
export interface PeersOptions {
  /** Who this node is. */
  readonly self: NodeIdentity;
  /** Serves the calls of peers. */
  readonly pool: ExecutorPool;
  /** Says who may connect. */
  readonly accept: AcceptPeer;
  /** A node was connected, by whichever side. */
  connected(peer: NodeIdentity): void;
  /** A connection ended: with an error unless either side said goodbye; `ours` when this node had made it. */
  disconnected(peer: NodeIdentity, error: GhostError | undefined, ours: boolean): void;
}

/** An attempt of ours to connect. */
interface Attempt {
  readonly promise: Promise<Peer>;
  /** Resolved when the node came to us in the meantime. */
  readonly inbound: PromiseWithResolvers<Peer>;
}

/** The nodes that one node is connected to, and those it is connecting to. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #attempts = new Map<string, Attempt>();
  readonly #controls = new Set<Channel>();
  #closed = false;

  /** No peers yet. */
  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /** The names of the connected nodes, in the order in which they were connected. */
  get names(): string[] {
    return [...this.#peers.keys()];
  }

  /** The connected node of that name. @throws {GhostError} `NOT_CONNECTED`. */
  get(name: string): Peer {
    const peer = this.#peers.get(name);
    if (peer !== undefined) return peer;
    throw new GhostError(
      "NOT_CONNECTED",
      `Cannot reach "${name}": it is not connected; connect first with Node.connect(${name})`,
    );
  }

  /** Connects to the node that `locate` finds, unless it is connected already. */
  connect(name: string, locate: () => Promise<LocatedNode>): Promise<Peer> {
    const connected = this.#peers.get(name);
    if (connected !== undefined) return Promise.resolve(connected);
    const under = this.#attempts.get(name);
    if (under !== undefined) return under.promise;
    const inbound = Promise.withResolvers<Peer>();
    inbound.promise.catch(() => {});
    const promise = this.#connect(locate, inbound).finally(() => this.#attempts.delete(name));
    this.#attempts.set(name, { promise, inbound });
    return promise;
  }

  /** Serves a node that came through the front door with a ticket made for `expected`. */
  enter(connection: Authenticated, expected: NodeIdentity): void {
    let peer: Peer | undefined;
    const control: Channel = controlChannel(connection, () => peer, {
      "peer.connect": async ({ body }) => {
        if (peer !== undefined) {
          throw new GhostError("BAD_REQUEST", "Cannot connect: it is connected already");
        }
        const introduction = introductionIn(body);
        if (introduction.name !== expected.name || introduction.id !== expected.id) {
          throw new GhostError(
            "CONNECTION_DENIED",
            `Cannot connect: the ticket was made for "${expected.name}"`,
          );
        }
        await this.#admit(introduction);
        const hosted = hostSession(this.#options.pool, () => peer);
        try {
          const executor = await hosted.place();
          peer = this.#add(new Peer(control, introduction, hosted), false);
          return introductionBody({ ...this.#options.self, executor });
        } catch (error) {
          hosted.close();
          throw error;
        }
      },
    });
    this.#track(control);
  }

  /** Ends every connection with GOODBYE. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#controls].map((control) => control.close()));
  }

  async #connect(locate: () => Promise<LocatedNode>, inbound: PromiseWithResolvers<Peer>): Promise<Peer> {
    const { self, pool } = this.#options;
    let peer: Peer | undefined;
    const hosted = hostSession(pool, () => peer);
    try {
      const [node, executor] = await Promise.all([locate(), hosted.place()]);
      const control = controlChannel(await this.#dial(node), () => peer);
      this.#track(control);
      let answer: Body;
      try {
        answer = await control.request("peer.connect", introductionBody({ ...self, executor }));
      } catch (error) {
        await control.close();
        // Both sides dialled at once, and the other one's connection is the one that stays.
        if (error instanceof GhostError && error.details?.simultaneous === true) {
          hosted.close();
          return await inOrder(inbound);
        }
        throw error;
      }
      const introduction: Introduction = introductionIn(answer);
      if (introduction.id !== node.id) {
        await control.close();
        throw new GhostError(
          "UNAUTHENTICATED",
          `Cannot connect: "${node.name}" is not the node that GPMD knows`,
        );
      }
      peer = this.#add(new Peer(control, introduction, hosted), true);
      await peer.session.connect();
      return peer;
    } catch (error) {
      if (peer === undefined) hosted.close();
      throw error;
    }
  }

  async #dial({ name, address, port, ticket }: LocatedNode): Promise<Authenticated> {
    const keyName = await ticketName(ticket);
    try {
      return await dial({ hostname: address, port, keyName, key: ticket, role: "node", caps: SESSION_CAPS });
    } catch (error) {
      if (error instanceof GhostError) throw error;
      throw new GhostError("CONNECTION_LOST", `Cannot connect: "${name}" does not answer`, { cause: error });
    }
  }

  /** @throws {GhostError} `CONNECTION_DENIED` when the node may not connect, or our own attempt goes before. */
  async #admit(peer: NodeIdentity): Promise<void> {
    const { self, accept } = this.#options;
    if (this.#closed) throw new GhostError("CONNECTION_DENIED", `Cannot connect: "${self.name}" is closing`);
    const known = this.#peers.get(peer.name);
    if (known?.identity.id === peer.id) {
      const message = `Cannot connect: "${self.name}" is connected to "${peer.name}" already`;
      throw new GhostError("CONNECTION_DENIED", message, {
        retryable: true,
        details: { simultaneous: true },
      });
    }
    // A node of that name that was started anew: the one before it is gone, whether or not that was noticed yet.
    await known?.close();
    // Where two nodes dial each other at the same instant, the connection of the one with the smaller id stays.
    if (this.#attempts.has(peer.name) && self.id < peer.id) {
      throw new GhostError("CONNECTION_DENIED", undefined, {
        retryable: true,
        details: { simultaneous: true },
      });
    }
    if (!await accept(peer)) {
      throw new GhostError("CONNECTION_DENIED", `Cannot connect: "${self.name}" denied the connection`);
    }
  }

  #add(peer: Peer, ours: boolean): Peer {
    const { name } = peer.identity;
    this.#peers.set(name, peer);
    this.#attempts.get(name)?.inbound.resolve(peer);
    peer.closed.then((error) => {
      if (this.#peers.get(name) === peer) this.#peers.delete(name);
      this.#options.disconnected(peer.identity, error, ours);
    });
    this.#options.connected(peer.identity);
    return peer;
  }

  #track(control: Channel): void {
    this.#controls.add(control);
    control.closed.then(() => this.#controls.delete(control));
  }
}

/** The connection that the other side makes, which is under way. */
async function inOrder(inbound: PromiseWithResolvers<Peer>): Promise<Peer> {
  const error = new GhostError(
    "CONNECTION_LOST",
    "Cannot connect: the other side dialled as well, and then did not come",
  );
  const timer = setTimeout(() => inbound.reject(error), CROSSING_TIME);
  try {
    return await inbound.promise;
  } finally {
    clearTimeout(timer);
  }
}
