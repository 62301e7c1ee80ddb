import { Timer } from "../../gmp/async/timer.ts";
import type { Channel } from "../../gmp/channel/channel.ts";
import { request } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { Authenticated } from "../../gmp/handshake/handshake.ts";
import { Attempt } from "./attempt.ts";
import { isCrossing, isEarly, reach } from "./reach.ts";
import type { PeerIdentity } from "../../gmp/handshake/identity.ts";
import type { Reply } from "../../gmp/messages/messages.ts";
import { parseNodeAddress, writeNodeAddress } from "../../gmp/names.ts";
import { checkAddress, placeFor, type ToldPlace } from "./places.ts";
import { checkPeersOf } from "./peers_of_device.ts";
import type { PeersOptions } from "./peers_options.ts";
import { controlChannel, hostSession, type OtherSide, Peer } from "./peer.ts";
import { cancelled, untilAborted } from "../../gmp/async/until_aborted.ts";

/** How often we redial a node that dialled us at the same instant and was then refused. */
const CROSSINGS = 3;
/** Milliseconds for a node at the front door to introduce itself; it does so at once. */
const INTRODUCTION_TIME = 5000;

/** The nodes that a node is connected to or connecting to, each by its name here: `node-1`, or `node-1@laptop`. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #attempts = new Map<string, Attempt>();
  /** Accepted nodes that are becoming peers. */
  readonly #entering = new Set<string>();
  /** Nodes that `accept` is still deciding on; calling the function accepts one. */
  readonly #deciding = new Map<string, () => void>();
  readonly #controls = new Set<Channel>();
  /** Connections through the front door that are not peers yet, one per node: by its name here and its id. */
  readonly #strangers = new Map<string, Channel>();
  #closed = false;

  /** No peers yet. */
  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /** The names of the connected nodes, in the order in which they were connected. */
  get names(): string[] {
    return [...this.#peers.keys()];
  }

  /** The connected node of that name. @throws {GhostError} `NOT_CONNECTED`, with that `advice`. */
  get(name: string, advice = `; connect first with node.connect("${name}")`): Peer {
    const peer = this.#peers.get(name);
    if (peer !== undefined) return peer;
    throw new GhostError("NOT_CONNECTED", `Cannot reach "${name}": it is not connected${advice}`, {
      details: { node: name },
    });
  }

  /** Connects to the node of that name, unless it is connected already. @throws {GhostError} also `CANCELLED`. */
  async connect(name: string, signal?: AbortSignal): Promise<Peer> {
    if (signal?.aborted) throw cancelled(signal);
    const connected = this.#peers.get(name);
    if (connected !== undefined) return await untilAborted(connected.known(), signal);
    return await (this.#attempts.get(name) ?? this.#attempt(name)).wait(signal);
  }

  /** Serves a node that entered by the front door with a ticket made for `expected`. */
  enter(connection: Authenticated, expected: PeerIdentity): void {
    const other = this.#otherSide();
    const late = new Timer(INTRODUCTION_TIME, () => {
      const message = "Cannot connect: the other side did not introduce itself";
      control.close(new GhostError("CONNECTION_DENIED", message));
    });
    let hasAsked = false;
    const control: Channel = controlChannel(connection, expected.device, other, {
      "peer.connect": async (introduction) => {
        late.cancel();
        const { name, id } = introduction;
        // Each question may be one to a person.
        if (hasAsked) throw new GhostError("BAD_REQUEST", "Cannot connect: it has asked already");
        hasAsked = true;
        if (name !== expected.name || id !== expected.id) {
          throw new GhostError(
            "CONNECTION_DENIED",
            `Cannot connect: the ticket was made for "${expected.name}"`,
          );
        }
        try {
          const { device } = expected;
          if (device !== undefined) {
            checkPeersOf(device, [...this.#peers.keys(), ...this.#deciding.keys(), ...this.#entering]);
          }
          const answer = await this.#admit(control, { identity: expected, place: introduction.place }, other);
          this.#strangers.delete(strangerOf(expected));
          return answer;
        } catch (error) {
          if (!isCrossing(error)) this.#attempts.get(writeNodeAddress(expected))?.arrived(undefined);
          throw error;
        }
      },
    });
    control.closed.then(() => late.cancel());
    this.#track(control);
    this.#addStranger(control, expected);
  }

  /** Tells every peer that names and versions may stand for something else here. */
  modulesChanged(): void {
    for (const peer of this.#peers.values()) peer.modulesChanged();
  }

  /** Ends every connection with GOODBYE, and every attempt to make one. */
  async close(): Promise<void> {
    this.#closed = true;
    const attempts = [...this.#attempts.values()];
    for (const attempt of attempts) attempt.stop();
    await Promise.allSettled(attempts.map(({ promise }) => promise));
    // Peers first, so that they know that we left; the others are not peers yet.
    await Promise.all([...this.#peers.values(), ...this.#controls].map((one) => one.close()));
  }

  /** A node that connects again has abandoned its earlier connection, unless it is a peer by then. */
  #addStranger(control: Channel, identity: PeerIdentity): void {
    const id = strangerOf(identity);
    const message = "Cannot connect: the same node has connected again";
    this.#strangers.get(id)?.close(new GhostError("CONNECTION_DENIED", message));
    this.#strangers.set(id, control);
    control.closed.then(() => {
      if (this.#strangers.get(id) === control) this.#strangers.delete(id);
    });
  }

  #otherSide(): OtherSide {
    return { peer: undefined, modulesChanged: () => this.#options.modulesChanged() };
  }

  #attempt(name: string): Attempt {
    this.#deciding.get(name)?.();
    const attempt = new Attempt((attempt) =>
      this.#connect(name, attempt).finally(() => this.#attempts.delete(name))
    );
    this.#attempts.set(name, attempt);
    return attempt;
  }

  /** Dials, or waits for the connection that the other side is making at the same time. */
  async #connect(name: string, attempt: Attempt): Promise<Peer> {
    let crossing = this.#entering.has(name);
    for (let count = 1;; count++) {
      const peer = crossing ? await attempt.arrival() : undefined;
      if (peer !== undefined) return await peer.known();
      try {
        return await this.#dial(name, attempt.signal);
      } catch (error) {
        crossing = isCrossing(error);
        const again = crossing || count === 1 && isEarly(error);
        if (!again || count === CROSSINGS) throw error;
      }
    }
  }

  async #dial(name: string, signal: AbortSignal): Promise<Peer> {
    const { self, pool, pipes, locate } = this.#options;
    const address = parseNodeAddress(name);
    const node = await locate(address, signal);
    const identity = { ...address, id: node.id };
    const other = this.#otherSide();
    const hosted = hostSession(pool, identity, other);
    try {
      const ours = await placeFor(identity, await hosted.place(), pipes);
      const control = controlChannel(await reach(node, address, signal), address.device, other);
      this.#track(control);
      try {
        const introduction = await request(control, "peer.connect", { ...self, place: ours }, { signal });
        if (introduction.id !== node.id) {
          throw new GhostError(
            "UNAUTHENTICATED",
            `Cannot connect: "${name}" is not the node that GPMD knows`,
          );
        }
        const { place } = introduction;
        checkAddress(identity, place.address);
        const parts = { identity, place, hosted, pipes, dialled: true };
        const peer = other.peer = this.#add(new Peer(control, parts));
        await peer.session.connect();
        return peer;
      } catch (error) {
        await control.close();
        throw error;
      }
    } catch (error) {
      hosted.close();
      throw error;
    }
  }

  /** Makes the node at the other end of `control` a peer, and answers who we are. */
  async #admit(
    control: Channel,
    { identity, place }: { readonly identity: PeerIdentity; readonly place: ToldPlace },
    other: OtherSide,
  ): Promise<Reply<"peer.connect">> {
    const { self, pool, pipes } = this.#options;
    const name = writeNodeAddress(identity);
    checkAddress(identity, place.address);
    this.#refuse(control, identity);
    if (!await this.#isWelcome(control, identity)) {
      throw new GhostError("CONNECTION_DENIED", `Cannot connect: "${self.name}" denied the connection`);
    }
    // Anything may have happened in the meantime.
    this.#refuse(control, identity);
    this.#entering.add(name);
    const hosted = hostSession(pool, identity, other);
    try {
      // A node of that name was restarted: the previous one is gone, even if we have not noticed yet.
      await this.#peers.get(name)?.close();
      const ours = await hosted.place().catch((cause) => {
        const { code, message, retryable } = GhostError.from(cause);
        const reason = `Cannot connect: "${self.name}" has no executor. ${message}`;
        throw new GhostError(retryable ? code : "CONNECTION_DENIED", reason, { cause });
      });
      const told = await placeFor(identity, ours, pipes).catch((cause) => {
        const reason = `Cannot connect: "${self.name}" cannot be reached from there. ${
          GhostError.from(cause).message
        }`;
        throw new GhostError("DEVICE_UNREACHABLE", reason, { cause });
      });
      this.#refuse(control, identity);
      other.peer = this.#add(new Peer(control, { identity, place, hosted, pipes, dialled: false }));
      return { ...self, place: told };
    } catch (error) {
      hosted.close();
      throw error;
    } finally {
      this.#entering.delete(name);
    }
  }

  /**
   * @throws {GhostError} `CONNECTION_DENIED` when the node is connected already, or our own attempt takes
   * precedence.
   */
  #refuse(control: Channel, identity: PeerIdentity): void {
    const { self } = this.#options;
    const { id } = identity;
    const name = writeNodeAddress(identity);
    if (!control.open || this.#closed) {
      throw new GhostError("CONNECTION_DENIED", `Cannot connect: "${self.name}" is leaving`);
    }
    const crossing = { retryable: true, details: { simultaneous: true } };
    if (this.#peers.get(name)?.identity.id === id) {
      const message = `Cannot connect: "${self.name}" is connected to "${name}" already`;
      throw new GhostError("CONNECTION_DENIED", message, crossing);
    }
    // When two nodes dial each other at the same instant, the connection of the one with the smaller id
    // stays.
    if (this.#attempts.has(name) && self.id < id && !this.#entering.has(name)) {
      const message = `Cannot connect: "${self.name}" is connecting to "${name}" itself`;
      throw new GhostError("CONNECTION_DENIED", message, crossing);
    }
  }

  /** Whether the node at the other end of `control` may connect: always if this node is connecting to it. */
  async #isWelcome(control: Channel, { id, ...address }: PeerIdentity): Promise<boolean> {
    const name = writeNodeAddress(address);
    if (this.#attempts.has(name)) return true;
    const { promise: accepted, resolve } = Promise.withResolvers<true>();
    const accept = () => resolve(true);
    this.#deciding.set(name, accept);
    const decided = new AbortController();
    control.closed.then(() => decided.abort());
    try {
      return await Promise.race([accepted, this.#options.accept({ ...address, id, name }, decided.signal)]);
    } catch (error) {
      throw GhostError.from(error, "CONNECTION_DENIED");
    } finally {
      decided.abort();
      if (this.#deciding.get(name) === accept) this.#deciding.delete(name);
    }
  }

  #add(peer: Peer): Peer {
    const { name, dialled } = peer;
    this.#peers.set(name, peer);
    this.#attempts.get(name)?.arrived(peer);
    peer.closed.then((error) => {
      if (this.#peers.get(name) === peer) this.#peers.delete(name);
      this.#options.disconnected(name, error, dialled);
    });
    this.#options.connected(name);
    return peer;
  }

  #track(control: Channel): void {
    this.#controls.add(control);
    control.closed.then(() => this.#controls.delete(control));
  }
}

/** Which node that is; of another device it may have any id, even that of a node of this one. */
function strangerOf(identity: PeerIdentity): string {
  return `${writeNodeAddress(identity)} ${identity.id}`;
}
