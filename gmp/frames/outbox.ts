import type { Budget } from "./budget.ts";
import { giveBack } from "./give_back.ts";
import { HEADER_BYTES, type Kind, writeHeader } from "./frame.ts";
import type { Transport } from "../transports/transport.ts";

/** Its `then` makes a cheaper microtask than `queueMicrotask`, which leaves JavaScript. */
const NOW = Promise.resolve();
const SMALLEST = 256;
const NO_FRAMES = new DataView(new ArrayBuffer(0));
/** Largest buffer that is kept for reuse once it is written, in bytes, and how many are kept. */
const LARGEST_IDLE = 1 << 16;
const MAX_IDLE = 16;

/**
 * A buffer of frames with its views, made once since every frame and every write needs one. Reserved room must be
 * filled completely: it may have held another connection's frames.
 */
class FrameBuffer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  #written: Uint8Array;

  constructor(length: number) {
    this.bytes = this.#written = new Uint8Array(length);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Its first `length` bytes; among messages of equal length, always the same view. */
  first(length: number): Uint8Array {
    if (length !== this.#written.length) this.#written = this.bytes.subarray(0, length);
    return this.#written;
  }
}

/** Buffers that are not in use: of ten thousand connections, only a few are writing at any one time. */
const idle: FrameBuffer[] = [];

/**
 * Frames on their way out. The frames of one turn of the event loop leave in one write; while a write is under way, the
 * next frames gather in a second buffer.
 *
 * @example
 * ```ts
 * import { type Channel, Kind } from "@ghost/network/gmp";
 *
 * // Calls the function of handle 5 under `id`, with two numbers of type i32.
 * function call(channel: Channel, id: number, a: number, b: number): void {
 *   const at = channel.outbox.reserve(Kind.CALL, 0, 0, id, 12);
 *   [5, a, b].forEach((value, index) => channel.outbox.view.setInt32(at + 4 * index, value, true));
 * }
 * ```
 */
export class Outbox {
  readonly #transport: Transport;
  readonly #failed: (error: unknown) => void;
  #budget: Budget | undefined;
  /** Where frames gather, once one has come. */
  #buffer: FrameBuffer | undefined;
  #length = 0;
  /** The buffer that is being written, where its frames end, and how many of their bytes are still to be taken. */
  #leaving: FrameBuffer | undefined;
  #end = 0;
  #writing = 0;
  #scheduled = false;
  #waiting: (() => void)[] = [];
  /** A view of the bytes of the frames that wait; replaced when they outgrow their buffer. */
  view: DataView = NO_FRAMES;

  /** An outbox over `transport`; calls `failed` when a write fails. Bytes that wait are charged to `budget`. */
  constructor(transport: Transport, failed: (error: unknown) => void, budget?: Budget) {
    this.#transport = transport;
    this.#failed = failed;
    this.#budget = budget;
  }

  /** Bytes that the transport has not taken yet. */
  get size(): number {
    return this.#length + this.#writing;
  }

  /**
   * Appends a frame's header and leaves room for a payload of `length` bytes, which the caller must write into `view`,
   * at the returned offset, before anything else is appended.
   */
  reserve(kind: Kind, flags: number, operation: number, id: number, length: number): number {
    this.#budget?.take(HEADER_BYTES + length);
    const start = this.#length;
    const end = start + HEADER_BYTES + length;
    if (this.#buffer === undefined || end > this.#buffer.bytes.length) this.#makeRoom(end);
    writeHeader(this.view, start, length, kind, flags, operation, id);
    this.#length = end;
    if (!this.#scheduled) {
      this.#scheduled = true;
      NOW.then(this.flush);
    }
    return start + HEADER_BYTES;
  }

  /** Appends a frame with `payload`. */
  append(kind: Kind, flags: number, operation: number, id: number, payload: Uint8Array): void {
    const offset = this.reserve(kind, flags, operation, id, payload.length);
    this.#buffer!.bytes.set(payload, offset);
  }

  /** For when the connection has ended: what waits is lost, and nothing is charged any more. */
  release(): void {
    this.#budget?.give(this.size);
    this.#budget = undefined;
  }

  /** Keeps what is appended until `flush`, which the caller must call in the same turn. */
  gather(): void {
    this.#scheduled = true;
  }

  /** Hands what waits to the transport, or, if a write is under way, leaves that to the end of the write. */
  readonly flush = (): void => {
    this.#scheduled = false;
    if (this.#writing > 0 || this.#length === 0) return;
    const full = this.#leaving = this.#buffer!;
    this.#buffer = undefined;
    const length = this.#writing = this.#end = this.#length;
    this.#length = 0;
    this.#transport.write(full.first(length)).then(this.#written, this.#notWritten);
  };

  /** Resolves when at most `limit` bytes wait, or the transport has failed. */
  async drained(limit: number): Promise<void> {
    while (this.size > limit) await this.#nextSettling();
  }

  /** Resolves when the transport has taken what waits now, whatever comes after it, or has failed. */
  async taken(): Promise<void> {
    // One write for the bytes that are leaving, and one for those that have gathered behind them.
    let writes = (this.#writing > 0 ? 1 : 0) + (this.#length > 0 ? 1 : 0);
    this.flush();
    for (; writes > 0 && this.size > 0; writes--) await this.#nextSettling();
  }

  // Bound once, since every call writes.
  readonly #written = (count: number): void => {
    this.#writing -= count;
    this.#budget?.give(count);
    if (this.#writing > 0) return this.#writeRest();
    const written = this.#leaving!;
    this.#leaving = undefined;
    if (written.bytes.length > LARGEST_IDLE) giveBack(written.bytes);
    else if (idle.length < MAX_IDLE) idle.push(written);
    this.flush();
    this.#settle();
  };

  readonly #notWritten = (error: unknown): void => {
    this.#budget?.give(this.size);
    this.#writing = 0;
    this.#length = 0;
    this.#failed(error);
    this.#settle();
  };

  #writeRest(): void {
    const rest = this.#leaving!.bytes.subarray(this.#end - this.#writing, this.#end);
    this.#transport.write(rest).then(this.#written, this.#notWritten);
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

  /** Makes room for `needed` bytes in the buffer, those that wait already included. */
  #makeRoom(needed: number): void {
    const full = this.#buffer;
    let buffer = full === undefined ? idle.pop() : undefined;
    if (buffer === undefined || buffer.bytes.length < needed) {
      buffer = new FrameBuffer(Math.max(needed, SMALLEST, (full?.bytes.length ?? 0) * 2));
      if (full !== undefined) buffer.bytes.set(full.bytes.subarray(0, this.#length));
    }
    this.#buffer = buffer;
    this.view = buffer.view;
  }
}
