import type { Socket } from "node:net";
import type { EndReceiver, PipeEnd } from "./pipe_end.ts";

/** The switch of a socket's reading, which Node and Deno both have below `pause`. */
interface ReadSwitch extends Socket {
  readonly _handle?: { readStart(): unknown; readStop(): unknown } | null;
}

/**
 * A {@linkcode PipeEnd} over a socket of `node:net` or `node:tls`, which must allow half-open connections. A socket
 * that Deno's own `read` and `write` serve was measured to be a sixth slower: they make a promise for each.
 *
 * What comes while nothing waits is taken where the connection below calls `push`, by which streams are filled: the way
 * through the socket's queue and its events was measured to be a tenth of a link's processor time. Writing past the queue
 * is not possible: over TLS one write may be under way at a time.
 */
export class SocketEnd implements PipeEnd {
  readonly #socket: Socket;
  readonly #under: ReadSwitch | undefined;
  readonly #queue: (chunk: Uint8Array | null) => boolean;
  #receiver: EndReceiver | undefined;
  #isFlowing = false;
  #error: Error | undefined;
  #isClosed = false;

  /**
   * Takes over `socket`, pauses it and turns off its delay of small writes. For TLS, `under` is the TCP socket below:
   * Deno 2.9.6 goes on reading that while the one above is paused, and keeps all that comes.
   */
  constructor(socket: Socket, under?: Socket) {
    this.#socket = socket;
    this.#under = under as ReadSwitch | undefined;
    this.#queue = socket.push.bind(socket);
    socket.push = (chunk: Uint8Array | null) => this.#take(chunk);
    socket.pause();
    socket.setNoDelay(true);
    socket.on("data", (chunk: Uint8Array) => this.#receiver?.bytes(chunk));
    socket.on("end", () => this.#receiver?.ended());
    socket.on("drain", () => this.#receiver?.drained());
    socket.on("error", (error: Error) => this.#error = error);
    socket.on("close", () => this.#close());
    if (socket.destroyed) this.#close();
  }

  /** See {@linkcode PipeEnd.receive}. */
  receive(receiver: EndReceiver): void {
    this.#receiver = receiver;
    if (this.#isClosed) receiver.closed(this.#error);
  }

  /** See {@linkcode PipeEnd.send}. */
  send(bytes: Uint8Array): boolean {
    return this.#socket.writable ? this.#socket.write(bytes) : true;
  }

  /** See {@linkcode PipeEnd.end}. */
  end(): void {
    this.#socket.end();
  }

  /** See {@linkcode PipeEnd.abort}. */
  abort(): void {
    this.#socket.destroy();
    this.#under?.destroy();
  }

  /** See {@linkcode PipeEnd.pause}. */
  pause(): void {
    this.#isFlowing = false;
    this.#socket.pause();
    this.#under?._handle?.readStop();
  }

  /** See {@linkcode PipeEnd.resume}. */
  resume(): void {
    this.#isFlowing = true;
    this.#under?._handle?.readStart();
    this.#socket.resume();
  }

  /** Takes what has come, or its end as `null`; false to have no more until `resume`. */
  #take(chunk: Uint8Array | null): boolean {
    if (chunk === null || !this.#isFlowing || this.#socket.readableLength > 0) return this.#queue(chunk);
    this.#receiver?.bytes(chunk);
    return this.#isFlowing;
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#receiver?.closed(this.#error);
  }
}
