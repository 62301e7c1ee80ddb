// What the other side of a connection may make of yamux's own frames: everything here is sent over real connections.
import { assert, assertEquals } from "@std/assert";
import type { Connection, MessageStream, Stream, StreamMuxerFactory } from "@libp2p/interface";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { request } from "../../../../gmp/channel/messages.ts";
import { SILENT } from "../../../../gpmd/link/engine/_libp2p.ts";
import { StreamReader, unreadOf } from "../../../../gpmd/link/engine/_stream_reader.ts";
import { watched } from "../../../../gpmd/link/engine/_watched_muxer.ts";
import { eventually } from "../../../tools/commands.ts";
import { linkTest, pair, startHost } from "./_hosts.ts";
import { header } from "./_yamux.ts";

const PROTOCOL = "/ghost/test/1";
/** Bytes that may wait to be read in these tests. */
const MOST_UNREAD = 1 << 23;
/** What comes between two looks at that, and what one stream may get at once. */
const SLACK = 1 << 21;

/** A node with yamux as `change` changes it. */
async function startNode(change: (factory: StreamMuxerFactory) => StreamMuxerFactory) {
  return await createLibp2p({
    privateKey: await generateKeyPair("Ed25519"),
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    connectionGater: { denyDialMultiaddr: () => false },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [() => change(yamux({ maxOutboundStreams: 512 })())],
    logger: SILENT,
  });
}

/** A node whose connections can be written past yamux, in Noise's cipher as ever. */
async function startAttacker() {
  const raw: MessageStream[] = [];
  const node = await startNode((factory) => ({
    protocol: factory.protocol,
    createStreamMuxer: (connection) => {
      raw.push(connection);
      return factory.createStreamMuxer(connection);
    },
  }));
  return { node, raw };
}

/** A way to `port` for the one who comes by `door`, who from some time on reads nothing of what that sends. */
function deafWay(door: Deno.TcpListener, port: number) {
  const held = Promise.withResolvers<void>();
  let isDeaf = false;
  const ends = (async () => {
    const [near, far] = [await door.accept(), await Deno.connect({ hostname: "127.0.0.1", port })];
    const lead = async (from: Deno.TcpConn, to: Deno.TcpConn, isAnswer: boolean) => {
      const bytes = new Uint8Array(1 << 14);
      for (let count; (count = await from.read(bytes)) !== null;) {
        for (let at = 0; at < count;) at += await to.write(bytes.subarray(at, count));
        if (isAnswer && isDeaf) await held.promise;
      }
    };
    lead(near, far, false).catch(() => {}); // it is cut
    lead(far, near, true).catch(() => {});
    return [near, far];
  })();
  return {
    deafen: () => isDeaf = true,
    close: async () => {
      held.resolve();
      door.close();
      for (const end of await ends) end.close();
    },
  };
}

const ATTACKS: Readonly<Record<string, () => Iterable<Uint8Array>>> = {
  "a frame of two GiB that never ends": function* () {
    yield header(0, 0, 99, 2 ** 31);
    for (;;) yield new Uint8Array(1 << 16);
  },
  "pings without end": function* () {
    for (let id = 0;; id++) yield header(2, 1, 0, id);
  },
  "streams that are opened and reset at once": function* () {
    for (let stream = 1001;; stream += 2) {
      yield header(1, 1, stream, 0);
      yield header(1, 8, stream, 0);
    }
  },
};

for (const [name, frames] of Object.entries(ATTACKS)) {
  linkTest(`${name} end the connection, and a paired device is served`, async () => {
    await using laptop = await startHost("laptop", {
      answer: () => ({ "node.discover": () => ({ names: ["node-1"] }) }),
    });
    await using pi = await startHost("pi");
    await pair(laptop, pi);
    // An open invitation is all that a stranger needs to get as far as yamux.
    await laptop.host.invite({ lifetime: 60_000 });
    const { node, raw } = await startAttacker();
    try {
      const [address] = laptop.host.addresses;
      const port = address!.split(":")[1];
      await node.dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${laptop.host.id}`));
      const [connection] = raw;
      let sent = 0;
      for (const bytes of frames()) {
        if (connection!.status !== "open") break;
        sent += bytes.length;
        assert(sent < 1 << 26, "it was let go on");
        connection!.send(bytes);
        // It reads what it is sent, and the end of the connection.
        if (connection!.writableNeedsDrain || sent % 1200 === 0) {
          await new Promise((resolve) => setTimeout(resolve));
        }
      }
      assertEquals(await request(pi.host.channel("laptop"), "node.discover", {}), { names: ["node-1"] });
    } finally {
      await node.stop();
    }
  });
}

linkTest("who reads no answers, and goes on asking for some, is cut off", async () => {
  // Pings may be sixteen at once, and each is answered with twelve bytes.
  const server = await startNode((factory) => watched(factory, { mostUnsent: 100 }));
  const { node, raw } = await startAttacker();
  const door = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [, , , , port] = server.getMultiaddrs()[0]!.toString().split("/");
  const way = deafWay(door, Number(port));
  try {
    let answers = 0;
    const answer = (stream: Stream) => {
      answers++;
      stream.send(new Uint8Array(1 << 18));
    };
    await server.handle(PROTOCOL, answer, { maxInboundStreams: 512 });
    const connected = Promise.withResolvers<Connection>();
    server.addEventListener("connection:open", ({ detail }) => connected.resolve(detail));
    await node.dial(multiaddr(`/ip4/127.0.0.1/tcp/${door.addr.port}/p2p/${server.peerId}`));
    const cut = Promise.withResolvers<Error | undefined>();
    (await connected.promise).addEventListener("close", ({ error }) => cut.resolve(error));
    way.deafen();
    const [connection] = raw;
    const chosen = new TextEncoder().encode(`\x13/multistream/1.0.0\n\x0e${PROTOCOL}\n`);
    for (let stream = 1001; stream < 1201; stream += 2) {
      connection!.send(header(0, 1, stream, chosen.length));
      connection!.send(chosen);
    }
    // 25 MB are more than the system takes between the two.
    await eventually("answers", () => answers === 100);
    for (let id = 0; id < 16; id++) connection!.send(header(2, 1, 0, id));
    assertEquals((await cut.promise)?.message, "It does not read its answers");
  } finally {
    await Promise.all([way.close(), ...[server, node].map((one) => one.stop())]);
  }
});

linkTest("what waits unread on streams that this side has opened counts as well", async () => {
  const server = await startNode((factory) => watched(factory, { mostUnread: MOST_UNREAD }));
  const flooding = await startNode((factory) => factory);
  try {
    await flooding.handle(PROTOCOL, (stream) => void stream.send(new Uint8Array(1 << 20)), {
      maxInboundStreams: 512,
    });
    const connection = await server.dial(flooding.getMultiaddrs());
    const opened: Stream[] = [];
    for (let i = 0; i < 64; i++) {
      const stream = await connection.newStream([PROTOCOL], { maxOutboundStreams: 512 });
      new StreamReader(stream); // from which nobody takes anything
      opened.push(stream);
    }
    await eventually("a stream that was reset", () => opened.some(({ status }) => status === "aborted"));
    const waits = opened.reduce((sum, stream) => sum + unreadOf(stream), 0);
    assert(waits <= MOST_UNREAD + SLACK, `${waits} bytes`);
  } finally {
    await Promise.all([server, flooding].map((node) => node.stop()));
  }
});

linkTest("what waits unread is bounded in sum, at the cost of whoever has most of it", async () => {
  const server = await startNode((factory) => watched(factory, { mostUnread: MOST_UNREAD }));
  const [flooding, modest] = await Promise.all([1, 2].map(() => startNode((factory) => factory)));
  try {
    const accepted: Stream[] = [];
    await server.handle(PROTOCOL, (stream) => {
      new StreamReader(stream); // from which nobody takes anything
      accepted.push(stream);
    }, { maxInboundStreams: 512 });
    const open = async (node: typeof server, bytes: number) => {
      const connection = await node.dial(server.getMultiaddrs());
      const stream = await connection.newStream([PROTOCOL], { maxOutboundStreams: 512 });
      stream.send(new Uint8Array(bytes));
      return stream;
    };
    const other = await open(modest!, 1 << 18);
    await eventually("what it has sent", () => accepted.length === 1 && unreadOf(accepted[0]!) === 1 << 18);
    const flood: Stream[] = [];
    for (let i = 0; i < 64; i++) flood.push(await open(flooding!, 1 << 20));
    await eventually("streams that were reset", () => flood.some(({ status }) => status === "reset"));
    const waits = accepted.reduce((sum, stream) => sum + unreadOf(stream), 0);
    assert(waits <= MOST_UNREAD + SLACK, `${waits} bytes`);
    assert(waits > MOST_UNREAD / 2, `${waits} bytes`);
    assertEquals(other.status, "open");
    assertEquals(unreadOf(accepted[0]!), 1 << 18);
  } finally {
    await Promise.all([server, flooding!, modest!].map((node) => node.stop()));
  }
});
