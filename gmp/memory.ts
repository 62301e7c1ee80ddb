import { GhostError } from "./errors.ts";
import type { Transport } from "./transport.ts";

/** Bytes one direction holds before a writer waits, as a socket's buffer would. */
const CAPACITY = 1 << 16;

/** One direction of the pair: chunks, and those who wait. */
class Pipe {
  #chunks: Uint8Array[] = [];
  #size = 0;
  #state: "open" | "ended" | "broken" = "open";
  #reason: unknown;
  #wake: (() => void)[] = [];

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.#state === "broken") throw this.#lost();
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#size -= chunk.length;
        this.#changed();
        return chunk;
      }
      if (this.#state === "ended") return null;
      await this.#change();
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#state !== "open") throw this.#lost();
    if (bytes.length === 0) return;
    this.#chunks.push(bytes.slice());
    this.#size += bytes.length;
    this.#changed();
    while (this.#size > CAPACITY) {
      await this.#change();
      if (this.#state !== "open") throw this.#lost();
    }
  }

  end(): void {
    if (this.#state === "open") this.#state = "ended";
    this.#changed();
  }

  break(reason: unknown): void {
    if (this.#state === "broken") return;
    this.#state = "broken";
    this.#reason = reason;
    this.#chunks = [];
    this.#changed();
  }

  #lost(): GhostError {
    return new GhostError("CONNECTION_LOST", undefined, { cause: this.#reason });
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
  #state: "open" | "closed" | "aborted" = "open";

  constructor(incoming: Pipe, outgoing: Pipe) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  async read(): Promise<Uint8Array | null> {
    return this.#state === "closed" ? null : await this.#incoming.read();
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#outgoing.write(bytes);
  }

  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closed";
    this.#outgoing.end();
    // As with a socket: what the other side still writes goes nowhere, and a read of ours under way ends.
    this.#incoming.end();
  }

  abort(reason?: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "aborted";
    this.#outgoing.break(reason);
    this.#incoming.break(reason);
  }
}

/**
 * Two connected {@linkcode Transport}s in memory: what one writes, the other reads. For programs that keep both sides in
 * one process, and for tests that need no socket.
 */
export function memoryPair(): [Transport, Transport] {
  const there = new Pipe();
  const back = new Pipe();
  return [new MemoryTransport(back, there), new MemoryTransport(there, back)];
}
