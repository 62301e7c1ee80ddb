import { type Body, integerIn, optionalStringIn, stringIn } from "../../gmp/frames/body.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import { GhostError, isErrorCode } from "../../gmp/errors.ts";
import type { Authenticated } from "../../gmp/handshake/handshake.ts";
import type { RequestHandlers } from "../../gmp/channel/incoming.ts";
import type { ExecutorPool, HostedSession, SessionPlace } from "../executors/executor_pool.ts";
import type { NodeIdentity } from "../../gmp/handshake/identity.ts";
import { LONGEST_ID } from "../../gmp/messages/identity.ts";
import { type Introduction, placeIn } from "./introduction.ts";
import type { NextPlace } from "../calls/session_calls.ts";
import { SessionClient } from "../calls/session_client.ts";

/** Milliseconds between PINGs of a control connection: a peer that says nothing for two of them is lost. */
const KEEP_ALIVE = 5000;

/**
 * A node that this one is connected to: the control connection between the two, the session in which our calls run at its
 * executor, and the session in which its calls run at ours.
 */
export class Peer {
  /** Who it is. */
  readonly identity: NodeIdentity;
  /** Our calls to it. */
  readonly session: SessionClient;
  /** Resolved when the connection has ended: with the error that ended it, or `undefined` after a graceful end. */
  readonly closed: Promise<GhostError | undefined>;
  readonly #control: Channel;
  readonly #hosted: HostedSession;
  #left = false;
  /** The place that came with the introduction, until it is used. */
  #firstPlace: SessionPlace | undefined;

  /** A peer over an open control connection. */
  constructor(control: Channel, introduction: Introduction, hosted: HostedSession) {
    this.#control = control;
    this.identity = { name: introduction.name, id: introduction.id };
    this.#hosted = hosted;
    this.#firstPlace = introduction.place;
    this.session = new SessionClient({
      place: (lost) => this.#place(lost),
      cancel: (executor, id) => void control.request("call.cancel", { executor, id }).catch(() => {}),
    });
    this.closed = control.closed.then((error) => {
      this.session.close(
        error ?? new GhostError("CONNECTION_LOST", `The connection to ${this.identity.name} has ended`),
      );
      hosted.close();
      // Who was left is not lost, whether or not it heard of it.
      return this.#left ? undefined : error;
    });
    this.session.connect().catch(() => {
      // Whoever calls hears why; a peer that only serves needs no session of its own.
    });
  }

  /** Ends the connection with GOODBYE. */
  async close(): Promise<void> {
    this.#left = true;
    await this.#control.close();
    await this.closed;
  }

  /** Told by the pool: call `id` of the peer at our `executor` was ended with `error`. */
  callStopped(executor: string, id: number, error: GhostError): void {
    this.#control.notify("call.stopped", { executor, id, code: error.code, message: error.message });
  }

  /** Tells the peer that what names and versions stand for here may have changed. */
  modulesChanged(): void {
    this.#control.notify("modules.changed");
  }

  /** Takes a notice of the peer that one of our calls was ended. */
  takeStopped(body: Body): void {
    const code = isErrorCode(body.code) ? body.code : "INTERNAL";
    const error = new GhostError(code, optionalStringIn(body, "message", 4096));
    this.session.stopped(
      stringIn(body, "executor", LONGEST_ID),
      integerIn(body, "id", 0, 2 ** 32 - 1),
      error,
    );
  }

  /** Answers executor.open: where the peer's calls go on when their executor was lost. */
  async reopen(body: Body): Promise<Body> {
    const lost = optionalStringIn(body, "executor", LONGEST_ID);
    const { executor, address, ticket, reason } = await this.#hosted.place();
    return { executor, address, ticket, restarted: lost !== undefined && executor !== lost, reason };
  }

  /** Answers call.cancel. */
  cancelHosted(body: Body): Body {
    this.#hosted.cancel(stringIn(body, "executor", LONGEST_ID), integerIn(body, "id", 0, 2 ** 32 - 1));
    return {};
  }

  async #place(lost: string | undefined): Promise<NextPlace> {
    const first = this.#firstPlace;
    this.#firstPlace = undefined;
    if (lost === undefined && first !== undefined) return { ...first, restarted: false };
    const body = await this.#control.request("executor.open", { executor: lost });
    const reason = optionalStringIn(body, "reason", 4096);
    return { ...placeIn(body), restarted: body.restarted === true, reason };
  }
}

/** The other side of a control connection, which becomes a peer once both have introduced themselves. */
export interface OtherSide {
  /** The peer, from then on. */
  peer: Peer | undefined;
  /** Hears that what names and versions stand for there may have changed. */
  readonly modulesChanged: () => void;
}

/** Opens the control connection to a peer, whose handlers need the peer that is made from it. */
export function controlChannel(
  connection: Authenticated,
  other: OtherSide,
  handlers: RequestHandlers = {},
): Channel {
  const known = (): Peer => {
    if (other.peer !== undefined) return other.peer;
    throw new GhostError("NOT_CONNECTED", "Cannot answer: introduce yourself first");
  };
  return new Channel(connection, {
    keepAlive: KEEP_ALIVE,
    handlers: {
      ...handlers,
      "executor.open": ({ body }) => known().reopen(body),
      "call.cancel": ({ body }) => known().cancelHosted(body),
    },
    notice: (name, body) => {
      if (name === "call.stopped") other.peer?.takeStopped(body);
      else if (name === "modules.changed") other.modulesChanged();
    },
  });
}

/** A session of `pool` for the calls of `node`, which is the peer that `other` becomes. */
export function hostSession(
  pool: ExecutorPool,
  { name, id }: NodeIdentity,
  other: OtherSide,
): HostedSession {
  return pool.open(
    { role: "node", node: { name, id } },
    (executor, id, error) => other.peer?.callStopped(executor, id, error),
  );
}
