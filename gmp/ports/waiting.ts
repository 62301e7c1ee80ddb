import type { Transport } from "../transports/transport.ts";

/** Connections that may be in their handshake at once: some 20 MB, and room for many nodes to come back. */
const WAITING_LIMIT = 1024;
/** Milliseconds that a connection has for its handshake before it may be closed to make room; it takes one to ten. */
const FAIR_TIME = 200;

/**
 * The connections of a process that have not finished their handshake. Beyond a limit the oldest is closed: a handshake takes
 * milliseconds, so a side that behaves gets through a flood of those that say nothing.
 */
export class Waiting {
  /** When each began, the oldest first. */
  readonly #transports = new Map<Transport, number>();
  #left = Promise.withResolvers<void>();

  /** How many were closed to make room. */
  evicted = 0;

  /** How many there are. */
  get size(): number {
    return this.#transports.size;
  }

  /** Counts `transport` until `handshake` is settled. */
  async until<T>(transport: Transport, handshake: Promise<T>): Promise<T> {
    this.#transports.set(transport, performance.now());
    if (this.#transports.size > WAITING_LIMIT) this.#evict();
    try {
      return await handshake;
    } finally {
      this.#transports.delete(transport);
      this.#left.resolve();
      this.#left = Promise.withResolvers();
    }
  }

  /**
   * Resolves when one more costs none its fair time. Whoever accepts connections waits for it first, so that a thousand
   * that behave and come at once are all served, one after the other. Beyond the limit that is a turn of the event loop at
   * least: connections that stand in line are accepted without one, and nobody would be read while a flood is.
   */
  async room(): Promise<void> {
    for (let left = 1; left > 0 && this.#transports.size >= WAITING_LIMIT;) {
      left = Math.max(0, this.#fairTimeLeft());
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, left);
      await Promise.race([this.#left.promise, late.promise]);
      clearTimeout(timer);
    }
  }

  /** Closes the oldest that has had its fair time; false when none has. For a process that is out of descriptors. */
  evict(): boolean {
    if (this.#fairTimeLeft() > 0) return false;
    this.#evict();
    return true;
  }

  /** Closes them all. */
  close(): void {
    for (const transport of this.#transports.keys()) transport.close();
  }

  #evict(): void {
    const [oldest] = this.#transports.keys();
    this.#transports.delete(oldest!);
    this.evicted++;
    oldest!.close();
  }

  /** Milliseconds until the oldest has had its time. */
  #fairTimeLeft(): number {
    const [oldest] = this.#transports.values();
    return oldest === undefined ? Infinity : oldest + FAIR_TIME - performance.now();
  }
}
