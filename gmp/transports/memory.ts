import type { Transport } from "./transport.ts";

/** Bytes that one direction holds before a writer waits, like a socket's buffer. */
const CAPACITY = 1 << 16;

/** One direction of the pair. */
class Pipe {
  #chunks: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  #wake: (() => void)[] = [];

  /** The next chunk; `null` after the end. */
  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#size -= chunk.length;
        this.#changed();
        return chunk;
      }
      if (this.#ended) return null;
      await this.#change();
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (!this.#ended && bytes.length > 0) {
      this.#chunks.push(bytes.slice());
      this.#size += bytes.length;
      this.#changed();
    }
    while (this.#size > CAPACITY && !this.#ended) await this.#change();
    if (this.#ended) throw new Error("The other side has closed");
    return bytes.length;
  }

  /** Ends it after what was written; with `all`, that is dropped too, since nobody will read it. */
  end(all: boolean): void {
    this.#ended = true;
    if (all) this.#chunks = [];
    this.#changed();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #changed(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}

class MemoryTransport implements Transport {
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;
  #received: Uint8Array = new Uint8Array(0);
  #closed = false;

  constructor(incoming: Pipe, outgoing: Pipe) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  async read(): Promise<number | null> {
    const chunk = await this.#incoming.read();
    if (this.#closed) throw new Error("This side has closed");
    if (chunk === null) return null;
    this.#received = chunk;
    return chunk.length;
  }

  received(): Uint8Array {
    return this.#received;
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#outgoing.write(bytes);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#outgoing.end(false);
    // As with a socket: what the other side still writes is lost, and a read under way here ends.
    this.#incoming.end(true);
  }
}

/**
 * Two connected {@linkcode Transport}s in memory: what one writes, the other reads. For programs that keep both sides
 * in one process, and for tests that need no socket.
 *
 * @example
 * ```ts
 * import { memoryPair } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * const [one, other] = memoryPair();
 * await one.write(Uint8Array.of(1, 2, 3));
 * assertEquals(await other.read(), 3);
 * assertEquals(other.received(3).subarray(0, 3), Uint8Array.of(1, 2, 3));
 * one.close();
 * assertEquals(await other.read(), null);
 * ```
 */
export function memoryPair(): [Transport, Transport] {
  const there = new Pipe();
  const back = new Pipe();
  return [new MemoryTransport(back, there), new MemoryTransport(there, back)];
}
