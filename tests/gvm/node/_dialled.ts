import type { Network } from "../../tools/network.ts";

/** The connections that are made by this process while `steps` run. */
export async function dialledBy(steps: () => Promise<unknown>): Promise<Deno.TcpConn[]> {
  const connections: Deno.TcpConn[] = [];
  const connect = Deno.connect;
  Deno.connect = (async (options: Deno.ConnectOptions) => {
    const connection = await connect(options);
    connections.push(connection);
    return connection;
  }) as typeof Deno.connect;
  try {
    await steps();
    return connections;
  } finally {
    Deno.connect = connect;
  }
}

/** The connection to the front door among those of `dialledBy`. */
export async function toFrontDoorOf(
  name: string,
  network: Network,
  dialled: Deno.TcpConn[],
): Promise<Deno.TcpConn> {
  const { port } = (await network.gpmd.nodes()).find((node) => node.name === name)!;
  return dialled.find(({ remoteAddr }) => (remoteAddr as Deno.NetAddr).port === port)!;
}
