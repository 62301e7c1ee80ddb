import type { EndReceiver, PipeEnd } from "./pipe_end.ts";

/** What a {@linkcode WebEnd} is over: bytes in both directions as streams of the web. */
interface WebStreams {
  /** What the other side sends. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Takes what it is to get; closing it ends only that direction. */
  readonly writable: WritableStream<Uint8Array>;
  /** Ends both directions after what was written. */
  close(): Promise<void>;
  /** Ends both directions at once. */
  abort(reason?: unknown): void;
}

/** A {@linkcode PipeEnd} over streams of the web, as the engine has them for its streams to other devices. */
export class WebEnd implements PipeEnd {
  readonly #streams: WebStreams;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #receiver: EndReceiver | undefined;
  /** Present while it is paused; resolves at `resume`. */
  #pause: PromiseWithResolvers<void> | undefined = Promise.withResolvers();
  #state: "open" | "closed" = "open";
  #error: Error | undefined;
  /** Directions that are over. */
  #endings = 0;

  /** Takes over `streams`. */
  constructor(streams: WebStreams) {
    this.#streams = streams;
    this.#writer = streams.writable.getWriter();
    this.#writer.closed.catch((error) => this.#close(asError(error)));
    this.#read();
  }

  /** See {@linkcode PipeEnd.receive}. */
  receive(receiver: EndReceiver): void {
    this.#receiver = receiver;
    if (this.#state === "closed") receiver.closed(this.#error);
  }

  /** See {@linkcode PipeEnd.send}. */
  send(bytes: Uint8Array): boolean {
    if (this.#state === "closed") return true;
    // A failure shows in `closed`.
    this.#writer.write(bytes).catch(() => {});
    if ((this.#writer.desiredSize ?? 1) > 0) return true;
    this.#writer.ready.then(() => this.#receiver?.drained(), () => {});
    return false;
  }

  /** See {@linkcode PipeEnd.end}. */
  end(): void {
    this.#writer.close().then(() => this.#ended(), () => {});
  }

  /** See {@linkcode PipeEnd.abort}. */
  abort(): void {
    if (this.#state === "closed") return;
    this.#streams.abort();
    this.#close();
  }

  /** See {@linkcode PipeEnd.pause}. */
  pause(): void {
    this.#pause ??= Promise.withResolvers();
  }

  /** See {@linkcode PipeEnd.resume}. */
  resume(): void {
    this.#pause?.resolve();
    this.#pause = undefined;
  }

  async #read(): Promise<void> {
    const reader = this.#streams.readable.getReader();
    try {
      for (;;) {
        await this.#resumed();
        if (this.#state === "closed") return;
        const { done, value } = await reader.read();
        await this.#resumed();
        if (done) break;
        this.#receiver?.bytes(value);
      }
      this.#receiver?.ended();
      this.#ended();
    } catch (error) {
      this.#close(asError(error));
    }
  }

  async #resumed(): Promise<void> {
    for (let pause = this.#pause; pause !== undefined; pause = this.#pause) await pause.promise;
  }

  #ended(): void {
    this.#endings++;
    if (this.#endings === 2) {
      this.#streams.close().then(() => this.#close(), (error) => this.#close(asError(error)));
    }
  }

  #close(error?: Error): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#error = error;
    this.resume();
    this.#receiver?.closed(error);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
