/** Loopback connections for the tests of this room. */
import { connect, createServer, type Socket } from "node:net";
import { SocketEnd } from "../../../../gpmd/link/pipes/socket_end.ts";

/** Two connected sockets of Deno: who dialled, and who accepted. */
export async function tcpPair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  return await Promise.all([Deno.connect({ hostname: "127.0.0.1", port }), listener.accept()]);
}

/** A {@linkcode SocketEnd} and the socket of Deno at its other side. */
export async function endAndSocket(): Promise<[SocketEnd, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const end = new SocketEnd(connect({ host: "127.0.0.1", port: listener.addr.port, allowHalfOpen: true }));
  return [end, await accepted];
}

/** Reads `size` bytes; fewer when the other side ends before. */
export async function readUpTo(connection: Deno.TcpConn, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const all = new Uint8Array(size);
  let count = 0;
  while (count < size) {
    const read = await connection.read(all.subarray(count));
    if (read === null) break;
    count += read;
  }
  return all.subarray(0, count);
}

/** Writes all of `bytes`. */
export async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let count = 0; count < bytes.length;) count += await connection.write(bytes.subarray(count));
}

/** True when nothing more comes: the other side has ended, or broken, the connection. */
export async function isOver(connection: Deno.TcpConn): Promise<boolean> {
  try {
    return await connection.read(new Uint8Array(1)) === null;
  } catch {
    return true;
  }
}

/** A server on a loopback port that sends back what comes, and ends as its clients do. */
export class EchoServer implements AsyncDisposable {
  readonly #server = createServer({ allowHalfOpen: true });
  readonly #sockets = new Set<Socket>();
  /** Connections so far. */
  connections = 0;

  /** Opens it on any port, whose number is the result's `port`. */
  static async open(): Promise<EchoServer> {
    const echo = new EchoServer();
    echo.#server.on("connection", (socket: Socket) => {
      echo.connections++;
      echo.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => echo.#sockets.delete(socket));
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => echo.#server.listen({ host: "127.0.0.1", port: 0 }, resolve));
    return echo;
  }

  /** Its port. */
  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The server is closed");
    return address.port;
  }

  /** Connections that are open. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Closes it with all its connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
