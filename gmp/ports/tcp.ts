import { type Authenticated, connectHandshake, type ConnectOptions } from "../handshake/handshake.ts";
import type { Transport } from "../transports/transport.ts";

/** Smallest and largest read buffer, in bytes: an idle connection costs the first, a busy one the second. */
const SMALLEST_READ = 256;
const LARGEST_READ = 1 << 18;
/** A buffer above this size, in bytes, shrinks to an eighth after this many reads in a row that would have fitted. */
const LARGEST_IDLE_READ = 1 << 14;
const SMALL_READS = 4;

/**
 * A {@linkcode Transport} over a TCP connection of Deno.
 *
 * @example
 * ```ts
 * import { TcpTransport } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * const [accepted, dialled] = await Promise.all([
 *   listener.accept(),
 *   Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
 * ]);
 * const [server, client] = [new TcpTransport(accepted), new TcpTransport(dialled)];
 * await client.write(Uint8Array.of(1, 2, 3));
 * assertEquals(await server.read(), 3);
 * assertEquals(server.received(3).subarray(0, 3), Uint8Array.of(1, 2, 3));
 * client.close();
 * server.close();
 * ```
 */
export class TcpTransport implements Transport {
  readonly #connection: Deno.TcpConn;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(SMALLEST_READ);
  #filled = false;
  /** Reads in a row that would have fitted a buffer an eighth the size. */
  #small = 0;

  /** Takes over `connection` and turns off its delay of small writes. */
  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    connection.setNoDelay(true);
  }

  /** See {@linkcode Transport.capacity}. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** See {@linkcode Transport.read}. */
  read(): Promise<number | null> {
    const { length } = this.#buffer;
    // A read that filled the buffer says that more is coming: the next one asks for eight times as much.
    if (this.#filled && length < LARGEST_READ) {
      this.#buffer = new Uint8Array(Math.min(length * 8, LARGEST_READ));
    } else if (this.#small >= SMALL_READS) {
      // The burst is over: an idle connection must not keep the room for it.
      this.#buffer = new Uint8Array(length / 8);
      this.#small = 0;
    }
    return this.#connection.read(this.#buffer);
  }

  /** See {@linkcode Transport.received}. */
  received(count: number): Uint8Array {
    const { length } = this.#buffer;
    this.#filled = count === length;
    this.#small = length > LARGEST_IDLE_READ && count * 8 <= length ? this.#small + 1 : 0;
    return this.#buffer;
  }

  /** See {@linkcode Transport.write}. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#connection.write(bytes);
  }

  /** See {@linkcode Transport.close}. */
  close(): void {
    try {
      this.#connection.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }
}

/** What {@linkcode dial} needs: where to, and what the handshake needs. */
export interface DialOptions extends ConnectOptions {
  /** Host name or address. */
  hostname: string;
  /** Whether the port is the end of a pipe: the proof then says port 0, which is no port of this device. */
  isPiped?: boolean;
}

/**
 * Connects over TCP and shakes hands.
 *
 * @throws {Deno.errors.ConnectionRefused} where nothing listens, and other errors of `Deno.connect`.
 * @throws {GhostError} as `connectHandshake` does.
 *
 * @example
 * ```ts
 * import { Channel, dial, LARGE_REPLY_CAPS, SECRET_KEY_NAME } from "@ghost/network/gmp";
 *
 * const connection = await dial({
 *   hostname: "127.0.0.1",
 *   port: Number(Deno.env.get("GHOST_COMMAND_PORT") ?? 1111),
 *   audience: "gpmd/commands",
 *   keyName: SECRET_KEY_NAME,
 *   key: await Deno.readFile(`${Deno.env.get("GHOST_HOME")}/secret`),
 *   caps: LARGE_REPLY_CAPS,
 * });
 * const channel = new Channel(connection);
 * console.log(await channel.request("gpmd.status"));
 * await channel.close();
 * ```
 */
export async function dial(options: DialOptions): Promise<Authenticated> {
  const { hostname, port, isPiped, signal } = options;
  const connection = await Deno.connect({ hostname, port, ...(signal === undefined ? {} : { signal }) });
  return await connectHandshake(
    new TcpTransport(connection),
    isPiped === true ? { ...options, port: 0 } : options,
  );
}
