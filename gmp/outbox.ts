import { HEADER_BYTES, type Kind, writeHeader } from "./frame.ts";
import type { Transport } from "./transport.ts";

const SMALLEST = 256;
/** What an idle outbox keeps of its buffers, in bytes. */
const LARGEST_IDLE = 1 << 16;

/**
 * Frames on their way out. Those of one turn of the event loop leave as one write; while a write is under way the next
 * frames gather in a second buffer.
 */
export class Outbox {
  readonly #transport: Transport;
  readonly #failed: (error: unknown) => void;
  #bytes: Uint8Array = new Uint8Array(SMALLEST);
  #length = 0;
  #spare: Uint8Array | undefined;
  #writing = 0;
  #scheduled = false;
  #waiting: (() => void)[] = [];
  /** A view of the bytes of the frames that wait; replaced when they outgrow their buffer. */
  view: DataView = new DataView(this.#bytes.buffer);

  /** An outbox over `transport`; `failed` hears of the first write that fails. */
  constructor(transport: Transport, failed: (error: unknown) => void) {
    this.#transport = transport;
    this.#failed = failed;
  }

  /** Bytes that the transport has not taken yet. */
  get size(): number {
    return this.#length + this.#writing;
  }

  /**
   * Appends a frame's header and leaves room for a payload of `length` bytes, which the caller writes into `view` at the
   * returned offset at once, before anything else is appended.
   */
  reserve(kind: Kind, flags: number, operation: number, id: number, length: number): number {
    const start = this.#length;
    const end = start + HEADER_BYTES + length;
    if (end > this.#bytes.length) this.#grow(end);
    writeHeader(this.view, start, length, kind, flags, operation, id);
    this.#length = end;
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(this.flush);
    }
    return start + HEADER_BYTES;
  }

  /** Appends a frame with `payload`. */
  append(kind: Kind, flags: number, operation: number, id: number, payload: Uint8Array): void {
    const offset = this.reserve(kind, flags, operation, id, payload.length);
    this.#bytes.set(payload, offset);
  }

  /** Hands what waits to the transport, unless a write is under way: then that write's end does. */
  readonly flush = (): void => {
    this.#scheduled = false;
    if (this.#writing > 0 || this.#length === 0) return;
    const full = this.#bytes;
    const length = this.#length;
    this.#use(this.#spare ?? new Uint8Array(SMALLEST));
    this.#spare = undefined;
    this.#length = 0;
    this.#writing = length;
    this.#transport.write(full.subarray(0, length)).then(() => {
      this.#writing = 0;
      this.#spare = full.length <= LARGEST_IDLE ? full : undefined;
      this.flush();
      this.#settle();
    }, (error) => {
      this.#writing = 0;
      this.#length = 0;
      this.#failed(error);
      this.#settle();
    });
  };

  /** Resolves when at most `limit` bytes wait, or the transport failed. */
  async drained(limit: number): Promise<void> {
    while (this.size > limit) await this.#nextSettling();
  }

  /** Resolves when the transport has taken what waits now, whatever comes after it, or failed. */
  async taken(): Promise<void> {
    // What is being written leaves with this write, and what has gathered behind it with the next.
    let writes = (this.#writing > 0 ? 1 : 0) + (this.#length > 0 ? 1 : 0);
    this.flush();
    for (; writes > 0 && this.size > 0; writes--) await this.#nextSettling();
  }

  #nextSettling(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #settle(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#use(larger);
  }

  #use(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}
