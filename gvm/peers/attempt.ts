import { GhostError } from "../../gmp/errors.ts";
import { ownError } from "../../gmp/own_error.ts";
import type { Peer } from "./peer.ts";
import { untilAborted } from "../../gmp/async/until_aborted.ts";

/** How long the other one of two crossing connections may take, in milliseconds. */
const CROSSING_TIME = 10_000;

/** An attempt to connect to a node, for all who want that connection: it ends with the last of them. */
export class Attempt {
  /** The connected node. */
  readonly promise: Promise<Peer>;
  readonly #stop = new AbortController();
  #waiting = 0;
  #arrival = Promise.withResolvers<Peer | undefined>();

  /** Begins with `connect`, in a turn of its own. */
  constructor(connect: (attempt: Attempt) => Promise<Peer>) {
    this.promise = Promise.resolve().then(() => connect(this));
    // Those who wait hear of it; there may be nobody.
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
      throw ownError(GhostError.from(error));
    } finally {
      if (--this.#waiting === 0) this.stop();
    }
  }

  /** Ends it, whoever waits. */
  stop(): void {
    this.#stop.abort();
  }

  /** The node has come to us in the meantime; `undefined` when it did and was not let in. */
  arrived(peer: Peer | undefined): void {
    this.#arrival.resolve(peer);
  }

  /**
   * The peer that the other side's connection becomes, which is under way; `undefined` when it was not let in.
   *
   * @throws {GhostError} `CONNECTION_LOST` when it does not come, `CANCELLED`.
   */
  async arrival(): Promise<Peer | undefined> {
    const arrival = this.#arrival;
    const error = new GhostError(
      "CONNECTION_LOST",
      "Cannot connect: the other side dialled as well, and then did not come",
    );
    const timer = setTimeout(() => arrival.reject(error), CROSSING_TIME);
    try {
      return await untilAborted(arrival.promise, this.signal);
    } finally {
      clearTimeout(timer);
      this.#arrival = Promise.withResolvers();
    }
  }
}
