/** The floor of a transfer: bytes through a TCP connection between two Deno processes, read and thrown away. */
import { serveActions } from "../agent.ts";

const CHUNK = 1 << 18;

let connection: Deno.TcpConn;

async function drain(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(CHUNK);
  for (let left = 0;;) {
    const count = await connection.read(buffer);
    if (count === null) return connection.close();
    // Eight bytes say how many follow, which one byte acknowledges.
    if (left === 0) left = Number(new DataView(buffer.buffer).getBigUint64(0, true)) + 8;
    left -= count;
    if (left === 0) await connection.write(new Uint8Array(1));
  }
}

serveActions({
  listen: () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    listener.accept().then(drain);
    return Promise.resolve([listener.addr.port]);
  },
  connect: async (port) => {
    connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  },
  /** MB a second. */
  send: async (megabytes) => {
    const chunk = new Uint8Array(CHUNK);
    const size = Number(megabytes) * 1_000_000;
    const start = performance.now();
    const head = new Uint8Array(8);
    new DataView(head.buffer).setBigUint64(0, BigInt(size), true);
    await connection.write(head);
    for (let sent = 0; sent < size;) sent += await connection.write(chunk.subarray(0, size - sent));
    await connection.read(new Uint8Array(1));
    return [Number(megabytes) / (performance.now() - start) * 1000];
  },
});
