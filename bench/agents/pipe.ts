/** The floor of a transfer: bytes through a TCP connection between two Deno processes, read and thrown away. */
import { serveActions } from "../agent.ts";
import { drain, send } from "../bulk.ts";

let connection: Deno.TcpConn;

serveActions({
  listen: () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    listener.accept().then(drain);
    return Promise.resolve([listener.addr.port]);
  },
  connect: async (port) => {
    connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  },
  /** MB a second of `count` times so many bytes, each acknowledged before the next. */
  sequence: async (count, bytes) => {
    const megabytes = Number(bytes) / 1_000_000;
    const start = performance.now();
    for (let i = 0; i < Number(count); i++) {
      await send(megabytes, (bytes) => connection.write(bytes), () => connection.read(new Uint8Array(1)));
    }
    return [Number(count) * megabytes / (performance.now() - start) * 1000];
  },
  /** MB a second. */
  send: (megabytes) =>
    send(
      Number(megabytes),
      (bytes) => connection.write(bytes),
      () => connection.read(new Uint8Array(1)),
    ),
});
