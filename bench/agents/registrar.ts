/** Registers many nodes at GPMD, or at Erlang's port mapper, and asks about them. Every registration holds a connection. */
import { Channel } from "../../gmp/channel/channel.ts";
import { LARGE_REPLY_CAPS } from "../../gmp/frames/frame.ts";
import { SECRET_KEY_NAME } from "../../gmp/handshake/keys.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import { dial } from "../../gmp/ports/tcp.ts";
import { serveActions, timeInSequence } from "../agent.ts";
import * as epmd from "../peers/epmd.ts";

const [hostname, id] = ["127.0.0.1", crypto.randomUUID()];

let channels: Channel[] = [];
let connections: Deno.TcpConn[] = [];
/** Microseconds that the requests took of which the last registrations were made. */
let requests: number[] = [];

async function connect(): Promise<Channel> {
  const port = Number(Deno.env.get("GHOST_GMP_PORT"));
  const key = await readSecret(Deno.env.get("GHOST_HOME")!, Deno);
  const options = {
    hostname,
    port,
    keyName: SECRET_KEY_NAME,
    key,
    audience: "gpmd/nodes",
    caps: LARGE_REPLY_CAPS,
  } as const;
  return new Channel(await dial(options));
}

async function timed<T>(request: Promise<T>): Promise<T> {
  const start = performance.now();
  const answer = await request;
  requests.push((performance.now() - start) * 1000);
  return answer;
}

serveActions({
  /** Microseconds of connecting and registering, of each of `count` nodes. */
  register: async (count) => {
    requests = [];
    return await timeInSequence(count, async (i) => {
      const channel = await connect();
      channels.push(channel);
      await timed(channel.request("node.register", { name: nameOf(i), id, port: 4000 }));
    });
  },
  /** Microseconds of the requests alone, connections apart, of what was registered last. */
  requests: () => Promise.resolve(requests),
  locate: async (count) => {
    const total = channels.length;
    return await timeInSequence(
      count,
      (i) => channels[0]!.request("node.locate", { name: nameOf(i * 97 % total) }),
    );
  },
  discover: async (count) => await timeInSequence(count, () => channels[0]!.request("node.discover")),
  leave: async () => {
    await Promise.all(channels.map((channel) => channel.close()));
    channels = [];
  },
  epmdRegister: async (port, count) => {
    requests = [];
    return await timeInSequence(count, async (i) => {
      const connection = await epmd.connect(Number(port));
      connections.push(connection);
      await timed(epmd.register(connection, nameOf(i), 4000));
    });
  },
  epmdLocate: (port, count) => {
    const total = connections.length;
    return timeInSequence(count, (i) => epmd.locate(Number(port), nameOf(i * 97 % total)));
  },
  epmdDiscover: (port, count) => timeInSequence(count, () => epmd.names(Number(port))),
  /** How many bytes the names take, without the port number before them. */
  epmdNames: async (port) => [await epmd.names(Number(port)) - 4],
  epmdLeave: () => {
    for (const connection of connections) connection.close();
    connections = [];
    return Promise.resolve();
  },
});

function nameOf(i: number): string {
  return `node-${String(i).padStart(5, "0")}`;
}
