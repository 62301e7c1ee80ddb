import type { Transport } from "../transports/transport.ts";

/** Connections in their handshake at most: some 20 MB, and room for many nodes that come back at once. */
const HANDSHAKE_LIMIT = 1024;
/** Milliseconds that a handshake has before its connection may be closed to make room; it takes one to ten. */
const FAIR_TIME = 200;

/**
 * The connections of a process that are in their handshake. Beyond a limit the oldest is closed: a handshake takes
 * milliseconds, so a well-behaved side gets through a flood of silent ones.
 */
export class PendingHandshakes {
  /** When each began, the oldest first. */
  readonly #transports = new Map<Transport, number>();
  #left = Promise.withResolvers<void>();

  /** How many were closed to make room. */
  evicted = 0;

  /** How many there are. */
  get size(): number {
    return this.#transports.size;
  }

  /** Counts `transport` as waiting until `handshake` settles. */
  async until<T>(transport: Transport, handshake: Promise<T>): Promise<T> {
    this.#transports.set(transport, performance.now());
    if (this.#transports.size > HANDSHAKE_LIMIT) this.#evict();
    try {
      return await handshake;
    } finally {
      this.#transports.delete(transport);
      this.#left.resolve();
      this.#left = Promise.withResolvers();
    }
  }

  /**
   * Resolves when one more costs no other its fair time. Whoever accepts connections waits for this first, so that a
   * thousand well-behaved ones that come at once are all served, one after the other. Beyond the limit this takes at
   * least a turn of the event loop: queued connections are accepted without one, and a flood would keep all others from
   * being read.
   */
  async room(): Promise<void> {
    for (let left = 1; left > 0 && this.#transports.size >= HANDSHAKE_LIMIT;) {
      left = Math.max(0, this.#fairTimeLeft());
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, left);
      await Promise.race([this.#left.promise, late.promise]);
      clearTimeout(timer);
    }
  }

  /** Closes the oldest if it has had its fair time; else false. For a process that is out of descriptors. */
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

  /** Milliseconds until the oldest has had its fair time. */
  #fairTimeLeft(): number {
    const [oldest] = this.#transports.values();
    return oldest === undefined ? Infinity : oldest + FAIR_TIME - performance.now();
  }
}
