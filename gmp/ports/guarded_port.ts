import { SESSION_CAPS } from "../frames/frame.ts";
import { type Accepted, acceptHandshake, type AcceptOptions } from "../handshake/handshake.ts";
import { SOFTWARE } from "../version.ts";
import { acceptConnections } from "./accept.ts";
import type { TcpTransport } from "./tcp.ts";
import { Waiting } from "./waiting.ts";

/** What a {@linkcode GuardedPort} works with. */
interface GuardedPortOptions<T> extends Pick<AcceptOptions<T>, "audience" | "credential"> {
  /** Is given each connection whose other side has proved to know its key. What it throws, `refused` hears. */
  enter(connection: Accepted<T>): void | Promise<void>;
  /** Hears why a connection was not let in; nobody does by default, since whoever spoke GMP was told. */
  refused?(error: unknown): void;
  /** Those who have not proved it yet, where several ports count them together. */
  readonly waiting?: Waiting;
}

/**
 * A port of the daemon, of a node or of an executor: everybody may knock, and only who knows a key gets in (docs/protocol.md,
 * "Handshake"). Those who have yet to prove it are bounded in number and time.
 */
export class GuardedPort<T> {
  /** Its number. */
  readonly number: number;
  readonly #listener: Deno.TcpListener;
  readonly #options: GuardedPortOptions<T>;
  readonly #waiting: Waiting;
  readonly #closing = new AbortController();
  #serving: Promise<void> | undefined;
  #isShut = false;

  /** Takes over `listener`; {@linkcode serve} lets in who knocks. */
  constructor(listener: Deno.TcpListener, options: GuardedPortOptions<T>) {
    this.#listener = listener;
    this.number = listener.addr.port;
    this.#options = options;
    this.#waiting = options.waiting ?? new Waiting();
  }

  /** Accepts connections; resolves when the port was closed. */
  serve(): Promise<void> {
    const { signal } = this.#closing;
    return this.#serving ??= acceptConnections(this.#listener, this.#waiting, signal, (transport) => {
      this.#admit(transport);
    });
  }

  /** From now on whoever knocks is closed without a word, while the port is still held. */
  shut(): void {
    this.#isShut = true;
  }

  /** Closes all that have not proved themselves yet. */
  dismiss(): void {
    this.#waiting.close();
  }

  /** Lets nobody in any more; resolves when the port is free. */
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
