import { Timer } from "../../gmp/async/timer.ts";
import { GhostError } from "../../gmp/errors.ts";
import { ownError } from "../../gmp/own_error.ts";
import type { Peer } from "./peer.ts";
import { untilAborted } from "../../gmp/async/until_aborted.ts";

/** Milliseconds that the other of two crossing connections may take. */
const CROSSING_TIME = 10_000;

/**
 * An attempt to connect to a node, shared by all callers that wait for it: it is cancelled when the last one
 * gives up.
 */
export class Attempt {
  /** The connected node. */
  readonly promise: Promise<Peer>;
  readonly #stop = new AbortController();
  #waiting = 0;
  #arrival = Promise.withResolvers<Peer | undefined>();

  /** Starts `connect`, in a later turn. */
  constructor(connect: (attempt: Attempt) => Promise<Peer>) {
    this.promise = Promise.resolve().then(() => connect(this)).catch((error) => {
      throw GhostError.from(error);
    });
    // Whoever waits gets the error; there may be nobody.
    this.promise.catch(() => {});
  }

  /** Aborts when nobody waits any more. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Waits for the connection. @throws {GhostError} `CANCELLED` when `signal` aborts, or why there is none. */
  async wait(signal: AbortSignal | undefined): Promise<Peer> {
    this.#waiting++;
    try {
      return await untilAborted(this.promise, signal);
    } catch (error) {
      throw error instanceof GhostError ? ownError(error) : error; // it is no signal that the program gave
    } finally {
      if (--this.#waiting === 0) this.stop();
    }
  }

  /** Ends it, whoever waits. */
  stop(): void {
    this.#stop.abort();
  }

  /** The node has connected to us in the meantime; `undefined` if it was refused. */
  arrived(peer: Peer | undefined): void {
    this.#arrival.resolve(peer);
  }

  /**
   * Waits for the peer from the other side's connection, which is under way; `undefined` if it was refused.
   *
   * @throws {GhostError} `CONNECTION_LOST` when it does not come, `CANCELLED`.
   */
  async arrival(): Promise<Peer | undefined> {
    const arrival = this.#arrival;
    const error = new GhostError(
      "CONNECTION_LOST",
      "Cannot connect: the other side dialled as well, but did not connect",
    );
    const timer = new Timer(CROSSING_TIME, () => arrival.reject(error));
    try {
      return await untilAborted(arrival.promise, this.signal);
    } finally {
      timer.cancel();
      this.#arrival = Promise.withResolvers();
    }
  }
}
