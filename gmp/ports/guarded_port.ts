import { SESSION_CAPS } from "../frames/frame.ts";
import { type Accepted, acceptHandshake, type AcceptOptions } from "../handshake/handshake.ts";
import { SOFTWARE } from "../version.ts";
import { acceptConnections } from "./accept.ts";
import type { TcpTransport } from "./tcp.ts";
import { PendingHandshakes } from "./pending_handshakes.ts";

/** What a {@linkcode GuardedPort} needs. */
interface GuardedPortOptions<T> extends Pick<AcceptOptions<T>, "audience" | "credential"> {
  /** Called with each connection whose other side has proved its key. What it throws goes to `refused`. */
  enter(connection: Accepted<T>): void | Promise<void>;
  /** Called with the reason for each refused connection. If the other side spoke GMP, it has been told. */
  refused?(error: unknown): void;
  /** Connections in their handshake, if several ports count them together. */
  readonly waiting?: PendingHandshakes;
}

/**
 * A port of the daemon, of a node or of an executor: anyone may connect, and only those who know a key get in
 * (docs/protocol.md, "Handshake"). Connections in their handshake are bounded in number and time.
 */
export class GuardedPort<T> {
  /** Its number. */
  readonly number: number;
  readonly #listener: Deno.TcpListener;
  readonly #options: GuardedPortOptions<T>;
  readonly #waiting: PendingHandshakes;
  readonly #closing = new AbortController();
  #serving: Promise<void> | undefined;
  #isShut = false;

  /** Takes over `listener`; {@linkcode serve} accepts its connections. */
  constructor(listener: Deno.TcpListener, options: GuardedPortOptions<T>) {
    this.#listener = listener;
    this.number = listener.addr.port;
    this.#options = options;
    this.#waiting = options.waiting ?? new PendingHandshakes();
  }

  /** Accepts connections; resolves when the port has been closed. */
  serve(): Promise<void> {
    const { signal } = this.#closing;
    return this.#serving ??= acceptConnections(this.#listener, this.#waiting, signal, (transport) => {
      this.#admit(transport);
    });
  }

  /** From now on, new connections are closed without a word, but the port stays open. */
  shut(): void {
    this.#isShut = true;
  }

  /** Closes all connections in their handshake. */
  dismiss(): void {
    this.#waiting.close();
  }

  /** Accepts nothing more; resolves when the port is free. */
  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#listener.close();
    this.#closing.abort();
    await this.#serving; // an `accept` under way holds the port
  }

  async #admit(transport: TcpTransport): Promise<void> {
    const { audience, enter, refused } = this.#options;
    if (this.#isShut) return transport.close();
    try {
      const handshake = acceptHandshake(transport, {
        audience,
        software: SOFTWARE,
        port: this.number,
        credential: (name) => this.#options.credential(name),
        caps: SESSION_CAPS,
      });
      await enter(await this.#waiting.until(transport, handshake));
    } catch (error) {
      refused?.(error);
    }
  }
}
