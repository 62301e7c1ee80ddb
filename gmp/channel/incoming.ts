import type { Body } from "../frames/body.ts";
import type { Budget } from "../frames/budget.ts";
import type { Channel } from "./channel.ts";
import type { OperationName } from "../messages/operations.ts";

/** Bytes of DATA that may wait for a handler before the connection pauses. */
const QUEUE_LIMIT = 1 << 20;
/** What a waiting chunk costs beyond its bytes, so that a flood of one-byte frames is bounded, too. */
const CHUNK_COST = 256;

/**
 * DATA that came for one request and waits to be taken: the stream of an upload, or the standard input of a run. It is
 * bounded by pausing the connection.
 *
 * @example
 * ```ts
 * import type { RequestHandlers } from "@ghost/network/gmp";
 *
 * // Takes uploads, and says how long each was.
 * const handlers: RequestHandlers = {
 *   "module.put": async ({ data }) => {
 *     let size = 0;
 *     for await (const chunk of data) size += chunk.length;
 *     return { size };
 *   },
 * };
 * ```
 */
export class DataQueue {
  readonly #budget: Budget | undefined;
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;
  #state: "open" | "ended" | "failed" = "open";
  #error: unknown;
  #changed = Promise.withResolvers<void>();
  #drained: PromiseWithResolvers<void> | undefined;

  /** An empty queue, which charges what waits to `budget`. */
  constructor(budget?: Budget) {
    this.#budget = budget;
  }

  /** Bytes that wait. */
  get size(): number {
    return this.#size;
  }

  /** True while more may come. */
  get open(): boolean {
    return this.#state === "open";
  }

  /** True when no more will come and nothing waits. */
  get ended(): boolean {
    return this.#state !== "open" && this.#chunks.length === 0;
  }

  /** Adds a copy of `bytes`; returns a promise if the connection should pause until that resolves. */
  push(bytes: Uint8Array, last: boolean): Promise<void> | undefined {
    if (this.#state !== "open") return undefined;
    if (bytes.length > 0) {
      this.#budget?.take(bytes.length + CHUNK_COST);
      this.#chunks.push(bytes.slice());
      this.#size += bytes.length;
    }
    if (last) this.#state = "ended";
    this.#notify();
    if (!this.#full) return undefined;
    this.#drained ??= Promise.withResolvers();
    return this.#drained.promise;
  }

  /** Ends the queue with `error`; what waits is dropped. */
  fail(error: unknown): void {
    if (this.#state === "failed") return;
    this.#state = "failed";
    this.#error = error;
    this.#drop();
    this.#notify();
  }

  /** Call this when nobody will take any more: the rest is dropped as it comes. */
  discard(): void {
    if (this.#state === "open") this.#state = "ended";
    this.#drop();
    this.#notify();
  }

  /** The next chunk if there is one; the caller may keep it. @throws what the queue failed with. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#state === "failed") throw this.#error;
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#size -= chunk.length;
      this.#budget?.give(chunk.length + CHUNK_COST);
      if (!this.#full) this.#resume();
    }
    return chunk;
  }

  /**
   * Resolves when a chunk, the end or a failure comes, or at once if one is there already. Rejects with the reason of
   * `signal` when that aborts.
   */
  async ready(signal?: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      while (this.#chunks.length === 0 && this.#state === "open") {
        await Promise.race([this.#changed.promise, aborted.promise]);
      }
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** The chunks until the end. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (;;) {
      await this.ready();
      const chunk = this.take();
      if (chunk === undefined) return;
      yield chunk;
    }
  }

  get #full(): boolean {
    return this.#size + this.#chunks.length * CHUNK_COST > QUEUE_LIMIT;
  }

  #drop(): void {
    this.#budget?.give(this.#size + this.#chunks.length * CHUNK_COST);
    this.#chunks = [];
    this.#size = 0;
    this.#resume();
  }

  #resume(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** A REQUEST from the other side, as its handler sees it. */
export interface IncomingRequest {
  /** The operation. */
  readonly operation: OperationName;
  /** Its id, by which other messages can name it. */
  readonly id: number;
  /** The decoded payload, not checked yet. */
  readonly body: Body;
  /** The DATA that follows it; ended from the start unless the REQUEST had `MORE`. */
  readonly data: DataQueue;
  /** Aborted when the other side cancels, or the connection ends. */
  readonly signal: AbortSignal;
  /** The connection that it came on. */
  readonly channel: Channel;
  /** Sends DATA under its id; a promise when the connection is congested and the sender should wait. */
  send(bytes: Uint8Array, flags: number): Promise<void> | undefined;
  /**
   * Sends the REPLY ahead of its DATA, which then goes out by `send`, all but the last with `MORE`; what the handler
   * returns is not sent.
   */
  head(reply: Body): void;
}

/** Answers a request: the body of the REPLY, or an error that becomes an ERROR. */
export type RequestHandler = (request: IncomingRequest) => Body | Promise<Body>;

/** The operations that a side answers. */
export type RequestHandlers = Partial<Record<OperationName, RequestHandler>>;
