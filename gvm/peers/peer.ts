import { Channel } from "../../gmp/channel/channel.ts";
import { answering, type Handlers, hearing, notify, request } from "../../gmp/channel/messages.ts";
import { GhostError, isErrorCode } from "../../gmp/errors.ts";
import type { Authenticated } from "../../gmp/handshake/handshake.ts";
import type { ExecutorPool, HostedSession } from "../executors/executor_pool.ts";
import type { PeerIdentity } from "../../gmp/handshake/identity.ts";
import type { ReceivedNotice, ReceivedRequest, Reply } from "../../gmp/messages/messages.ts";
import { writeNodeAddress } from "../../gmp/names.ts";
import type { NextPlace } from "../calls/session_calls.ts";
import { SessionClient } from "../calls/session_client.ts";
import { type Pipes, placeFor, placeOf, type ToldPlace } from "./places.ts";

/** Milliseconds between PINGs of a control connection: a peer that is silent between two of them is lost. */
const KEEP_ALIVE = 5000;
/**
 * Such intervals that a peer of another device may be silent: 20 seconds, since TCP needs 14 to go on after a cable was
 * out for 10.
 */
const PATIENCE_BETWEEN_DEVICES = 4;

/** What a {@linkcode Peer} is made of. */
interface PeerParts {
  /** Who it is. */
  readonly identity: PeerIdentity;
  /** The place that it has told. */
  readonly place: ToldPlace;
  /** The session of its calls. */
  readonly hosted: HostedSession;
  /** How places of another device are reached. */
  readonly pipes: Pipes;
  /** Whether this node has dialled: then the other side knew it as its peer first. */
  readonly dialled: boolean;
}

/**
 * A connected node: the control connection to it, the session of our calls at its executor, and the session
 * of its calls at ours.
 */
export class Peer {
  /** Who it is. */
  readonly identity: PeerIdentity;
  /** Its name here: `node-1`, or `node-1@laptop`. */
  readonly name: string;
  /** Our calls to it. */
  readonly session: SessionClient;
  /**
   * Resolves when the connection has ended: with the error that ended it, or `undefined` after a graceful
   * end.
   */
  readonly closed: Promise<GhostError | undefined>;
  /** Whether this node has dialled. */
  readonly dialled: boolean;
  readonly #control: Channel;
  readonly #hosted: HostedSession;
  readonly #pipes: Pipes;
  #left = false;
  #known: Promise<this> | undefined;
  /** The place that came with the introduction, until it is used. */
  #firstPlace: ToldPlace | undefined;

  /** A peer over an open control connection. */
  constructor(control: Channel, { identity, place, hosted, pipes, dialled }: PeerParts) {
    this.#control = control;
    this.dialled = dialled;
    if (dialled) this.#known = Promise.resolve(this);
    this.identity = identity;
    this.name = writeNodeAddress(identity);
    this.#hosted = hosted;
    this.#pipes = pipes;
    this.#firstPlace = place;
    this.session = new SessionClient({
      place: (lost) => this.#place(lost),
      cancel: (executor, id) => void request(control, "call.cancel", { executor, id }).catch(() => {}),
    });
    this.closed = control.closed.then((error) => {
      this.session.close(
        error ?? new GhostError("CONNECTION_LOST", `The connection to ${this.name} has ended`),
      );
      hosted.close();
      // A peer that we left is not lost, whether or not it got the GOODBYE.
      return this.#left ? undefined : error;
    });
    this.session.connect().catch(() => {
      // A caller hears why; a peer that only serves needs no session of its own.
    });
  }

  /** Resolves to it when the other side knows this node as its peer too: who was dialled hears of the other one first. */
  known(): Promise<this> {
    return this.#known ??= this.#becomeKnown();
  }

  async #becomeKnown(): Promise<this> {
    // By then the answer that tells it so has left.
    await this.session.connect().catch(() => {}); // a caller hears why
    await this.#control.taken();
    return this;
  }

  /** Ends the connection with GOODBYE. */
  async close(): Promise<void> {
    this.#left = true;
    await this.#control.close();
    await this.closed;
  }

  /** The pool reports that the peer's call `id` at our `executor` was ended with `error`. */
  callStopped(executor: string, id: number, error: GhostError): void {
    notify(this.#control, "call.stopped", { executor, id, code: error.code, message: error.message });
  }

  /** Tells the peer that names and versions may stand for something else here. */
  modulesChanged(): void {
    notify(this.#control, "modules.changed", {});
  }

  /** Handles a peer's notice that one of our calls was ended. */
  handleStopped({ executor, id, code, message }: ReceivedNotice<"call.stopped">): void {
    this.session.stopped(executor, id, new GhostError(isErrorCode(code) ? code : "INTERNAL", message));
  }

  /** Answers executor.open: where the peer's calls continue after their executor was lost. */
  async reopen(lost: string | undefined): Promise<Reply<"executor.open">> {
    const place = await this.#hosted.place();
    const told = await placeFor(this.identity, place, this.#pipes);
    const { executor, reason } = place;
    return { ...told, restarted: lost !== undefined && executor !== lost, reason };
  }

  /** Answers call.cancel. */
  cancelHosted({ executor, id }: ReceivedRequest<"call.cancel">): Reply<"call.cancel"> {
    this.#hosted.cancel(executor, id);
    return {};
  }

  async #place(lost: string | undefined): Promise<NextPlace> {
    const first = this.#firstPlace;
    this.#firstPlace = undefined;
    const place = lost === undefined && first !== undefined
      ? { ...first, restarted: false }
      : await request(this.#control, "executor.open", { executor: lost });
    return await placeOf(this.identity, place, this.#pipes);
  }
}

/** The other side of a control connection; it becomes a peer once both sides have introduced themselves. */
export interface OtherSide {
  /** The peer, from then on. */
  peer: Peer | undefined;
  /** Called when names and versions may stand for something else there. */
  readonly modulesChanged: () => void;
}

/** Opens the control connection to a peer, at `device`; its handlers need the peer that will be made from it. */
export function controlChannel(
  connection: Authenticated,
  device: string | undefined,
  other: OtherSide,
  handlers: Handlers = {},
): Channel {
  const known = (): Peer => {
    if (other.peer !== undefined) return other.peer;
    throw new GhostError("NOT_CONNECTED", "Cannot answer: introduce yourself first");
  };
  return new Channel(connection, {
    keepAlive: KEEP_ALIVE,
    ...device === undefined ? {} : { patience: PATIENCE_BETWEEN_DEVICES },
    handlers: answering({
      ...handlers,
      "executor.open": ({ executor }) => known().reopen(executor),
      "call.cancel": (call) => known().cancelHosted(call),
    }),
    notice: hearing({
      "call.stopped": (call) => other.peer?.handleStopped(call),
      "modules.changed": () => other.modulesChanged(),
    }),
  });
}

/** A session of `pool` for the calls of a node, the peer that `other` will become. */
export function hostSession(
  pool: ExecutorPool,
  { name, id, device }: PeerIdentity,
  other: OtherSide,
): HostedSession {
  return pool.open(
    { role: "node", ...device === undefined ? {} : { device }, node: { name, id } },
    (executor, id, error) => other.peer?.callStopped(executor, id, error),
  );
}
