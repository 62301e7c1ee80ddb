import type { Stream, StreamCloseEvent, StreamMessageEvent } from "@libp2p/interface";

/** Bytes that wait here before the other side is asked to wait; behind that, a window of `STREAM_WINDOW` may come. */
const READ_QUEUE_LIMIT = 1 << 18;

/** Who reads a stream. */
const readers = new WeakMap<Stream, StreamReader>();

/** Bytes that have come on `stream` and that nobody has taken yet. */
export function unreadOf(stream: Stream): number {
  return stream.readBufferLength + (readers.get(stream)?.unread ?? 0);
}

/** Resets `stream` with `error`, and drops what has come on it. */
export function dropUnread(stream: Stream, error: Error): void {
  stream.abort(error);
  readers.get(stream)?.stop(error);
}

/** What comes on a stream of libp2p, chunk by chunk. */
export class StreamReader {
  /** When bytes last came, by `performance.now()`. */
  heardAt: number = performance.now();
  readonly #stream: Stream;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #hasEnded = false;
  #isResuming = false;
  #error: Error | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;

  /** Reads from `stream` from now on. */
  constructor(stream: Stream) {
    this.#stream = stream;
    readers.set(stream, this);
    stream.addEventListener("message", this.#take);
    stream.addEventListener("remoteCloseWrite", this.#ended);
    stream.addEventListener("close", this.#closed);
    if (stream.remoteWriteStatus === "closed") this.#ended();
    if (stream.status === "aborted" || stream.status === "reset") {
      this.stop(new Error("The stream was reset"));
    }
  }

  /** The next chunk, which is the caller's; `null` after the end. @throws when the stream broke or `stop` was called. */
  async next(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#size -= chunk.length;
        if (this.#size < READ_QUEUE_LIMIT) this.#resume();
        return chunk;
      }
      if (this.#error !== undefined) throw this.#error;
      // A stream that was paused when the other side ended it still holds bytes.
      if (this.#hasEnded && this.#stream.readBufferLength === 0) return null;
      this.#waiting ??= Promise.withResolvers();
      await this.#waiting.promise;
    }
  }

  /** Bytes that wait here. */
  get unread(): number {
    return this.#size;
  }

  /** Puts back the rest of a chunk. */
  putBack(rest: Uint8Array): void {
    this.#chunks.unshift(rest);
    this.#size += rest.length;
  }

  /** Ends reading with `error`; what waits is dropped, and so is what still comes. */
  stop(error: Error): void {
    this.#error ??= error;
    this.#chunks = [];
    this.#size = 0;
    this.#wake();
    this.#resume();
  }

  /**
   * `resume` of libp2p 3.3 first hands over what has waited, and then has the other side send more, even if the stream was
   * paused in between: then nothing would hold the other side back, until the stream broke for want of room. It throws
   * after it has handed that over where the connection has ended.
   */
  #resume(): void {
    if (this.#stream.readStatus !== "paused") return;
    this.#isResuming = true;
    try {
      this.#stream.resume();
    } catch {
      // Nobody is left who could be asked to send more.
    }
    this.#isResuming = false;
    this.#pauseIfFull();
  }

  #pauseIfFull(): void {
    if (this.#isResuming || this.#size < READ_QUEUE_LIMIT) return;
    if (this.#stream.readStatus === "readable") this.#stream.pause();
  }

  readonly #take = ({ data }: StreamMessageEvent): void => {
    this.heardAt = performance.now();
    if (this.#error !== undefined) return;
    for (const chunk of data instanceof Uint8Array ? [data] : data) {
      if (chunk.length === 0) continue;
      // Of Node's buffers `slice` would make views, where everybody here expects copies.
      this.#chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
      this.#size += chunk.length;
    }
    this.#pauseIfFull();
    this.#wake();
  };

  readonly #ended = (): void => {
    this.#hasEnded = true;
    this.#wake();
  };

  readonly #closed = ({ error }: StreamCloseEvent): void => {
    // Once the other side has ended its direction, all that it sent is here, whatever happens to the stream. A connection
    // that ends without a word ends its streams without an error.
    if (this.#hasEnded) this.#wake();
    else this.stop(error ?? new Error("The connection has ended"));
  };

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
