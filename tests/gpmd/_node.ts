/** A node as the daemon sees it: a connection to its port of nodes, without a virtual machine behind it. */
import { type Body, bytesIn } from "../../gmp/frames/body.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import { LARGE_REPLY_CAPS } from "../../gmp/frames/frame.ts";
import type { Authenticated } from "../../gmp/handshake/handshake.ts";
import { SECRET_KEY_NAME } from "../../gmp/handshake/keys.ts";
import { dial } from "../../gmp/ports/tcp.ts";
import type { TestDaemon } from "../tools/daemon_process.ts";

/** A connection, and the notices that came by it. */
export interface TestNode extends AsyncDisposable {
  readonly channel: Channel;
  /** The next notice, in their order. */
  notice(): Promise<Body>;
  /** Registers it and returns its generation. */
  register(name: string, port?: number): Promise<number>;
}

type Place = Pick<TestDaemon, "settings" | "secret">;

/** A connection to the port of nodes of a daemon, past the handshake. */
export function dialNode({ settings, secret }: Place): Promise<Authenticated> {
  return dial({
    hostname: "127.0.0.1",
    port: settings.gmpPort,
    keyName: SECRET_KEY_NAME,
    key: secret,
    audience: "gpmd/nodes",
    caps: LARGE_REPLY_CAPS,
  });
}

/** Connects to the port of nodes of a daemon. */
export async function connectNode(place: Place): Promise<TestNode> {
  const notices: Body[] = [];
  let arrived = Promise.withResolvers<void>();
  const connection = await dialNode(place);
  const channel = new Channel(connection, {
    notice: (_, body) => {
      notices.push(body);
      arrived.resolve();
      arrived = Promise.withResolvers();
    },
  });
  return {
    channel,
    async notice() {
      while (notices.length === 0) await arrived.promise;
      return notices.shift()!;
    },
    async register(name, port = 4000) {
      const { generation } = await channel.request("node.register", { name, id: crypto.randomUUID(), port });
      return generation as number;
    },
    [Symbol.asyncDispose]: () => channel.close(),
  };
}

/** A module as `module.get` sent it with the encoding `"bytes"`, and the reply before it. */
export async function getBytes(channel: Channel, body: Body): Promise<{ reply: Body; bytes: Uint8Array }> {
  const chunks: Uint8Array[] = [];
  let head: Body | undefined;
  const reply = await channel.request("module.get", { ...body, encoding: "bytes" }, {
    head: (body) => head = body,
    data: (chunk) => chunks.push(chunk.slice()),
  });
  if (head !== undefined && head !== reply) throw new Error("the reply is not its head");
  return { reply, bytes: new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer()) };
}

/** The ticket in a notice or a reply. */
export function ticketIn(body: Body): string {
  return bytesIn(body, "ticket", 32).toHex();
}
