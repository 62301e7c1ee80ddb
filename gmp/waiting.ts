import { GhostError } from "./errors.ts";
import type { Transport } from "./transport.ts";

/** Connections of one port that may be in their handshake at once. */
const WAITING_LIMIT = 256;

/**
 * The connections of a port that have not finished their handshake. Beyond a limit the oldest is closed: a handshake takes
 * milliseconds, so a side that behaves gets through a flood of those that say nothing.
 */
export class Waiting {
  readonly #transports = new Set<Transport>();

  /** How many were closed to make room. */
  evicted = 0;

  /** How many there are. */
  get size(): number {
    return this.#transports.size;
  }

  /** Counts `transport` until `handshake` is settled. */
  async until<T>(transport: Transport, handshake: Promise<T>): Promise<T> {
    this.#transports.add(transport);
    if (this.#transports.size > WAITING_LIMIT) {
      const [oldest] = this.#transports;
      this.#transports.delete(oldest!);
      this.evicted++;
      oldest!.abort(new GhostError("TOO_MANY_CONNECTIONS"));
    }
    try {
      return await handshake;
    } finally {
      this.#transports.delete(transport);
    }
  }

  /** Closes them all. */
  close(): void {
    for (const transport of this.#transports) transport.abort(new GhostError("CONNECTION_LOST"));
  }
}
