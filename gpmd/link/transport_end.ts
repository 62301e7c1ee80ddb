import { type Transport, writeBytes } from "../../gmp/transports/transport.ts";
import type { EndReceiver, PipeEnd } from "./pipes/pipe_end.ts";

/** Bytes that wait to be written; beyond it, the sender waits. */
const QUEUE_LIMIT = 1 << 18;

/** Bytes that are gathered for one write. */
const GATHERED_BYTES = 1 << 16;

/**
 * A {@linkcode PipeEnd} over `transport`, behind a handshake. An end of our direction ends both: TCP's could stay open.
 * What waits while a write is under way leaves in one write: a lane's pieces have 16 KiB at most.
 */
export class TransportEnd implements PipeEnd {
  readonly #transport: Transport;
  #receiver: EndReceiver | undefined;
  #isPaused = true;
  #isReading = false;
  /** The other side has sent all that it will. */
  #isDone = false;
  /** What the last read has brought: a count of bytes, or `null` at the end. */
  #held: number | null | undefined;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #gathered: Uint8Array | undefined;
  #isWriting = false;
  #isFull = false;
  #isEnding = false;
  #isClosed = false;
  #error: Error | undefined;

  /** Takes over `transport`. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** See {@linkcode PipeEnd.receive}. */
  receive(receiver: EndReceiver): void {
    this.#receiver = receiver;
    if (this.#isClosed) receiver.closed(this.#error);
  }

  /** See {@linkcode PipeEnd.send}. */
  send(bytes: Uint8Array): boolean {
    if (this.#isClosed || this.#isEnding) return true;
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (!this.#isWriting) this.#write();
    this.#isFull ||= this.#queued >= QUEUE_LIMIT;
    return !this.#isFull;
  }

  /** See {@linkcode PipeEnd.end}. */
  end(): void {
    this.#isEnding = true;
    if (!this.#isWriting) this.#close();
  }

  /** See {@linkcode PipeEnd.abort}. */
  abort(): void {
    this.#close();
  }

  /** See {@linkcode PipeEnd.pause}. */
  pause(): void {
    this.#isPaused = true;
  }

  /** See {@linkcode PipeEnd.resume}. */
  resume(): void {
    this.#isPaused = false;
    this.#deliver();
    if (!this.#isReading) this.#read();
  }

  /** Reads until it is paused, closed or at the end. */
  async #read(): Promise<void> {
    this.#isReading = true;
    try {
      while (!this.#isPaused && !this.#isDone && !this.#isClosed) {
        this.#held = await this.#transport.read();
        this.#deliver();
      }
    } catch (error) {
      this.#close(error);
    } finally {
      this.#isReading = false;
    }
  }

  /** Hands on what a read has brought, unless it came while paused: then it waits, and nothing more is read. */
  #deliver(): void {
    const count = this.#held;
    if (count === undefined || this.#isPaused || this.#isClosed) return;
    this.#held = undefined;
    if (count !== null) return this.#receiver?.bytes(this.#transport.received(count).slice(0, count));
    this.#isDone = true;
    this.#receiver?.ended();
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#queue.length > 0 && !this.#isClosed) {
        const bytes = this.#takeQueue();
        const writing = writeBytes(this.#transport, bytes);
        // There is room while that is under way.
        if (this.#isFull && this.#queued < QUEUE_LIMIT) {
          this.#isFull = false;
          this.#receiver?.drained();
        }
        await writing;
      }
      this.#isWriting = false;
      if (this.#isEnding) this.#close();
    } catch (error) {
      this.#close(error);
    }
  }

  /** The next of what waits: small pieces together, up to {@linkcode GATHERED_BYTES}. */
  #takeQueue(): Uint8Array {
    const first = this.#queue.shift()!;
    this.#queued -= first.length;
    const next = this.#queue[0];
    if (next === undefined || first.length + next.length > GATHERED_BYTES) return first;
    // Always the same memory: the first use of new memory costs more than the copy.
    const all = this.#gathered ??= new Uint8Array(GATHERED_BYTES);
    all.set(first);
    let size = first.length;
    let count = 0;
    for (const bytes of this.#queue) {
      if (size + bytes.length > GATHERED_BYTES) break;
      all.set(bytes, size);
      size += bytes.length;
      count++;
    }
    this.#queue.splice(0, count);
    this.#queued -= size - first.length;
    return all.subarray(0, size);
  }

  #close(cause?: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (cause !== undefined) this.#error = cause instanceof Error ? cause : new Error(String(cause));
    this.#queue = [];
    this.#transport.close();
    this.#receiver?.closed(this.#error);
  }
}
