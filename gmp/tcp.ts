import { GhostError } from "./errors.ts";
import { type Authenticated, connectHandshake, type ConnectOptions } from "./handshake.ts";
import type { Transport } from "./transport.ts";

/** First and greatest size of the read buffer, in bytes: an idle connection costs the first, a busy one the other. */
const SMALLEST_READ = 512;
const LARGEST_READ = 1 << 18;

/** A {@linkcode Transport} over a TCP connection of Deno. */
export class TcpTransport implements Transport {
  readonly #connection: Deno.TcpConn;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(SMALLEST_READ);
  #filled = false;
  #state: "open" | "closed" | "aborted" = "open";
  #reason: unknown;

  /** Takes over `connection`; small writes leave at once. */
  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    connection.setNoDelay(true);
  }

  /** See {@linkcode Transport.read}. */
  async read(): Promise<Uint8Array | null> {
    // A read that filled the buffer says that more is coming: the next one asks for eight times as much.
    if (this.#filled && this.#buffer.length < LARGEST_READ) {
      this.#buffer = new Uint8Array(this.#buffer.length * 8);
    }
    let count: number | null;
    try {
      count = await this.#connection.read(this.#buffer);
    } catch (error) {
      if (this.#state === "closed") return null;
      throw this.#lost(error);
    }
    if (count === null) return null;
    this.#filled = count === this.#buffer.length;
    return this.#buffer.subarray(0, count);
  }

  /** See {@linkcode Transport.write}. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      let sent = await this.#connection.write(bytes);
      while (sent < bytes.length) sent += await this.#connection.write(bytes.subarray(sent));
    } catch (error) {
      throw this.#lost(error);
    }
  }

  /** See {@linkcode Transport.close}. */
  close(): void {
    this.#end("closed");
  }

  /** See {@linkcode Transport.abort}. */
  abort(reason?: unknown): void {
    this.#reason = reason;
    this.#end("aborted");
  }

  #end(state: "closed" | "aborted"): void {
    if (this.#state !== "open") return;
    this.#state = state;
    try {
      this.#connection.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  #lost(cause: unknown): GhostError {
    return new GhostError("CONNECTION_LOST", undefined, { cause: this.#reason ?? cause });
  }
}

/** What {@linkcode dial} needs: where to, and what the handshake needs. */
export interface DialOptions extends ConnectOptions {
  /** Host name or address. */
  hostname: string;
}

/**
 * Connects over TCP and shakes hands.
 *
 * @throws {Deno.errors.ConnectionRefused} where nothing listens, and other errors of `Deno.connect`.
 * @throws {GhostError} as `connectHandshake` does.
 */
export async function dial(options: DialOptions): Promise<Authenticated> {
  const { hostname, port, signal } = options;
  const connection = await Deno.connect({ hostname, port, ...(signal === undefined ? {} : { signal }) });
  return await connectHandshake(new TcpTransport(connection), options);
}
