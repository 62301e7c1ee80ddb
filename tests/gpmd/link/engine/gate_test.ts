import { assert, assertEquals, assertRejects } from "@std/assert";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { multiaddr } from "@multiformats/multiaddr";
import { request } from "../../../../gmp/channel/messages.ts";
import { GhostError } from "../../../../gmp/errors.ts";
import { PROTOCOLS } from "../../../../gpmd/link/engine/endpoint.ts";
import { startLibp2p } from "../../../../gpmd/link/engine/_libp2p.ts";
import { eventually } from "../../../tools/commands.ts";
import { linkTest, pair, startHost } from "./_hosts.ts";

const answer = () => ({ "node.discover": () => ({ names: ["node-1"] }) });

/** A node of libp2p that no link would be: it dials anybody, and speaks any protocol. */
async function attacker() {
  return await startLibp2p({
    privateKey: await generateKeyPair("Ed25519"),
    listen: { hostname: "127.0.0.1", port: 0 },
    connectionGater: { denyDialMultiaddr: () => false },
  });
}

/** Reads `connection` to its end: the bytes that came. */
async function bytesFrom(connection: Deno.Conn): Promise<number> {
  let size = 0;
  try {
    for await (const chunk of connection.readable) size += chunk.length;
  } catch {
    // A reset ends it as well.
  }
  return size;
}

linkTest("a stranger that speaks libp2p is cut off right after Noise, and learns nothing", async () => {
  await using laptop = await startHost("laptop");
  await using pi = await startHost("pi");
  await pair(laptop, pi);
  const stranger = await attacker();
  try {
    const [address] = laptop.host.addresses;
    const target = multiaddr(`/ip4/127.0.0.1/tcp/${address!.split(":")[1]}/p2p/${laptop.host.id}`);
    const cut = Promise.withResolvers<void>();
    stranger.addEventListener("connection:close", () => cut.resolve());
    // It may take the connection for made before it hears anything, but no stream comes about.
    await assertRejects(async () => await (await stranger.dial(target)).newStream([PROTOCOLS.pair]));
    if (stranger.getConnections().length > 0) await cut.promise;
    assertEquals(stranger.getConnections().length, 0);
  } finally {
    await stranger.stop();
  }
});

linkTest("while an invitation is open, a stranger may open the stream for pairing and no other", async () => {
  await using laptop = await startHost("laptop", { answer });
  await using pi = await startHost("pi");
  await pair(laptop, pi);
  await laptop.host.invite({ lifetime: 60_000 });
  const stranger = await attacker();
  try {
    const [address] = laptop.host.addresses;
    const connection = await stranger.dial(
      multiaddr(`/ip4/127.0.0.1/tcp/${address!.split(":")[1]}/p2p/${laptop.host.id}`),
    );
    for (const protocol of [PROTOCOLS.link, PROTOCOLS.pipe]) {
      const stream = await connection.newStream([protocol]).catch(() => undefined);
      if (stream === undefined) continue;
      const reset = Promise.withResolvers<void>();
      stream.addEventListener("close", () => reset.resolve());
      if (stream.status === "open") await reset.promise;
      assertEquals(stream.status, "reset", protocol);
    }
    assertEquals((await connection.newStream([PROTOCOLS.pair])).status, "open");
  } finally {
    await stranger.stop();
  }
});

linkTest(
  "five hundred silent connections and raw bytes keep no paired device out, and are closed",
  async () => {
    await using laptop = await startHost("laptop", { answer });
    const directory = await Deno.makeTempDir();
    try {
      const first = await startHost("pi", { directory });
      await pair(laptop, first);
      await first.stop();
      await laptop.happened("unreachable");
      const port = Number(laptop.host.addresses[0]!.split(":")[1]);
      const connect = () => Deno.connect({ hostname: "127.0.0.1", port });
      const silent: Deno.Conn[] = [];
      for (let i = 0; i < 500; i++) silent.push(await connect());
      const sent = await connect();
      await sent.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n".repeat(100)));
      // It is let in among them, and asked.
      await using pi = await startHost("pi", { directory });
      await pi.happened("reachable");
      assertEquals(await request(pi.host.channel("laptop"), "node.discover", {}), { names: ["node-1"] });
      const sizes = await Promise.all([...silent, sent].map(bytesFrom));
      // Each got at most the names of protocols of libp2p itself, which tell nothing of who is there.
      assert(Math.max(...sizes) <= 128, `${Math.max(...sizes)} bytes`);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
);

linkTest(
  "a paired device that opens more connections and streams than it needs is refused the rest",
  async () => {
    await using laptop = await startHost("laptop", { answer });
    await using pi = await startHost("pi");
    await pair(laptop, pi);
    const pipes = await Promise.allSettled(
      Array.from({ length: 300 }, () => pi.host.openPipe("laptop", new Uint8Array(16))),
    );
    const refused = pipes.filter(({ status }) => status === "rejected");
    assert(refused.length >= 44, `${refused.length} were refused`);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      assert(reason instanceof GhostError);
      assertEquals(reason.code, "DEVICE_UNREACHABLE");
    }
    // Others are served all the same.
    assertEquals(await request(pi.host.channel("laptop"), "node.discover", {}), { names: ["node-1"] });
    for (const pipe of pipes) if (pipe.status === "fulfilled") pipe.value.abort();
  },
);

linkTest("strangers that do nothing keep the invited device out for no time", async () => {
  await using laptop = await startHost("laptop", { answer });
  await using pi = await startHost("pi");
  const { code, addresses } = await laptop.host.invite({ lifetime: 60_000 });
  const target = multiaddr(`/ip4/127.0.0.1/tcp/${addresses[0]!.split(":")[1]}/p2p/${laptop.host.id}`);
  const strangers = await Promise.all(Array.from({ length: 12 }, attacker));
  try {
    for (const stranger of strangers) await stranger.dial(target);
    const open = () => strangers.filter((stranger) => stranger.getConnections().length > 0).length;
    await eventually("room for a new one", () => open() <= 8);
    assertEquals((await pi.host.join(code)).name, "laptop");
    assert(open() > 0);
  } finally {
    for (const stranger of strangers) await stranger.stop();
  }
});

linkTest("a paired device that connects again and again is refused, and what it has goes on", async () => {
  await using laptop = await startHost("laptop", { answer });
  await using pi = await startHost("pi");
  await pair(laptop, pi);
  let made = 0;
  for (; made < 200; made++) {
    const { addresses } = await pi.host.examine("laptop");
    if (addresses[0]!.state !== "works") {
      assertEquals(addresses[0]!.state, "unwelcome");
      break;
    }
  }
  // 64 at once, one a second, and the first of all at pairing.
  assert(made >= 60 && made < 200, `${made} were made`);
  assertEquals(await request(pi.host.channel("laptop"), "node.discover", {}), { names: ["node-1"] });
});

linkTest("whoever connects more than five hundred times at once is heard no more for a while", async () => {
  await using laptop = await startHost("laptop", { answer });
  await using pi = await startHost("pi");
  await pair(laptop, pi);
  const port = Number(laptop.host.addresses[0]!.split(":")[1]);
  const refused: Promise<number>[] = [];
  for (let i = 0; i < 700; i++) {
    // It may be cut off before this side knows that it is open.
    const came = Deno.connect({ hostname: "127.0.0.1", port }).then(bytesFrom, () => 0);
    if (i >= 600) refused.push(came);
    if (i % 32 === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  // Of Noise, which costs the time, not even the name was said.
  const silent = (await Promise.all(refused)).filter((size) => size === 0).length;
  assert(silent > 50, `${silent} of 100`);
  assertEquals(await request(pi.host.channel("laptop"), "node.discover", {}), { names: ["node-1"] });
});
