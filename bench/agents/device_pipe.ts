/** Bytes through a pipe between two devices, as nodes have it for each session: offered there, opened here. */
import { type Argument, serveActions } from "../agent.ts";
import { gpmdConnection } from "../gpmd_connection.ts";
import { drain, send } from "../bulk.ts";

let connection: Deno.TcpConn;

async function opened(device: Argument | undefined, token: readonly Argument[]): Promise<number> {
  return await (await gpmdConnection("pipe")).open(String(device), Uint8Array.from(token.map(Number)));
}

serveActions({
  /** The token with which `device` gets through to a port that throws away what comes. */
  offer: async (device) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    listener.accept().then(drain);
    return Array.from(await (await gpmdConnection("pipe")).offer(String(device), listener.addr.port));
  },
  /** The same for a port of this device. */
  offerPort: async (device, port) =>
    Array.from(await (await gpmdConnection("pipe")).offer(String(device), Number(port))),
  open: async (device, ...token) => {
    connection = await Deno.connect({ hostname: "127.0.0.1", port: await opened(device, token) });
  },
  /** The port of this device that leads to what was offered. */
  openPort: async (device, ...token) => [await opened(device, token)],
  /** MB a second. */
  send: (megabytes) =>
    send(
      Number(megabytes),
      (bytes) => connection.write(bytes),
      () => connection.read(new Uint8Array(1)),
    ),
});
