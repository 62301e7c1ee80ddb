import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { Channel } from "../../../gmp/channel/channel.ts";
import { Kind, SESSION_CAPS } from "../../../gmp/frames/frame.ts";
import { KEY_BYTES, newKey, ticketName } from "../../../gmp/handshake/keys.ts";
import { memoryPair } from "../../../gmp/transports/memory.ts";
import { readBytes, type Transport, writeBytes } from "../../../gmp/transports/transport.ts";
import { accept, assertEnds, challenge, connect, macOf, NONCE, PORT, test } from "../_handshake.ts";
import { concat, frameBytes, hex, Peer, RecordingTransport } from "../_wire.ts";

test("with the same key both sides are sure of each other", async (client, server) => {
  const [accepted, connected] = await Promise.all([accept(server), connect(client)]);
  assertEquals(accepted.holder, "friend");
  assertEquals([accepted.decoder.caps, connected.decoder.caps], [SESSION_CAPS, SESSION_CAPS]);
  const left = new Channel(accepted, { handlers: { "gpmd.status": () => ({ port: PORT }) } });
  const right = new Channel(connected);
  assertEquals(await right.request("gpmd.status"), { port: PORT });
  await Promise.all([left.close(), right.close()]);
});

test("a ticket is a key of another name", async (client, server) => {
  const ticket = newKey();
  const keyName = await ticketName(ticket);
  const [accepted] = await Promise.all([
    accept(server, {
      audience: "node/1",
      credential: (name) => name === keyName ? { key: ticket, take: () => "guest" } : undefined,
    }),
    connect(client, { audience: "node/1", key: ticket, keyName }),
  ]);
  assertEquals(accepted.holder, "guest");
});

test(
  "the client's bytes are the preface and a PROOF with the MAC of protocol.md, nothing else",
  async (client, server) => {
    const recorded = new RecordingTransport(client);
    await Promise.all([accept(server), connect(recorded)]);
    const peer = new Peer(recordedAsTransport(recorded.reads));
    const challenge = await peer.body(Kind.CHALLENGE);
    const { nonce: serverNonce } = challenge as { nonce: Uint8Array };
    assertEquals({ ...challenge, nonce: serverNonce.length }, {
      nonce: 16,
      role: "gpmd",
      software: "gpmd 0.1.0",
    });

    const [first, second, ...more] = recorded.writes;
    assertEquals([first, more], [hex("47 4d 50 02"), []]);
    const sent = await new Peer(recordedAsTransport([second!])).body(Kind.PROOF);
    const nonce = sent.nonce as Uint8Array;
    assertEquals(sent, { nonce, key: "secret", mac: macOf("gmp/2 client", serverNonce, nonce) });
    assertEquals(await peer.body(Kind.WELCOME), { mac: macOf("gmp/2 server", nonce, serverNonce) });
  },
);

test("nonces are new each time, of either side", async (client, server) => {
  const recorded = new RecordingTransport(client);
  await Promise.all([accept(server), connect(recorded)]);
  const [one, other] = memoryPair();
  const again = new RecordingTransport(one);
  await Promise.all([accept(other), connect(again)]);
  assertNotEquals(recorded.writes[1], again.writes[1]);
  assertNotEquals(recorded.reads[0], again.reads[0]);
});

test("silence: the signal ends either side, and the other side hears of it", async (client, server) => {
  for (const [mine, theirs, start] of [[client, server, connect], memoryWith(accept)] as const) {
    const abort = new AbortController();
    const reason = new Error("no longer");
    const failing = assertRejects(() => start(mine, { signal: abort.signal }), Error, "no longer");
    abort.abort(reason);
    await failing;
    const peer = new Peer(theirs);
    if (start === connect) await readBytes(theirs);
    await assertEnds(peer);
  }
});

Deno.test("a signal that is aborted already ends the handshake before a byte", async () => {
  const [client, server] = memoryPair();
  const signal = AbortSignal.abort(new Error("never"));
  await assertRejects(() => connect(client, { signal }), Error, "never");
  assertEquals(await readBytes(server), null);
});

Deno.test("the handshake works one byte at a time", async () => {
  const [client, server] = memoryPair();
  const [accepted] = await Promise.all([
    accept(new Dribble(server)),
    connect(new Dribble(client)),
  ]);
  assertEquals(accepted.holder, "friend");
});

Deno.test("a request that comes along with the WELCOME finds its handler and the channel", async () => {
  const [client, server] = memoryPair();
  const peer = new Peer(server);
  const connecting = connect(client);
  const nonce = await challenge(peer);
  const welcome = frameBytes(Kind.WELCOME, { payload: { mac: macOf("gmp/2 server", nonce, NONCE) } });
  await peer.send(welcome, frameBytes(Kind.REQUEST, { operation: 16, id: 1, payload: {} }));
  const channel: Channel = new Channel(await connecting, {
    handlers: { "gpmd.status": () => ({ waiting: channel.pendingCount }) },
  });
  assertEquals(await peer.body(Kind.REPLY, 1), { waiting: 0 });
  server.close();
  await channel.closed;
});

Deno.test("keys are 32 random bytes, and the name of a ticket does not give it away", async () => {
  const ticket = newKey();
  assertEquals(ticket.length, KEY_BYTES);
  assertNotEquals(ticket, newKey());
  const name = await ticketName(new Uint8Array(32));
  assertEquals(name, "ticket:66687aadf862bd776c8fc18b8e9f8e20");
  assertNotEquals(await ticketName(ticket), name);
});

/** What `chunks` say, as if they came again. */
function recordedAsTransport(chunks: Uint8Array[]): Transport {
  const [one, other] = memoryPair();
  void writeBytes(other, concat(...chunks));
  return one;
}

function memoryWith<T>(start: T): readonly [Transport, Transport, T] {
  const [one, other] = memoryPair();
  return [one, other, start];
}

/** A transport that reads one byte at a time, each into the same buffer. */
class Dribble implements Transport {
  readonly #inner: Transport;
  readonly #buffer = new Uint8Array(1);
  #rest: Uint8Array = new Uint8Array(0);

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  async read(): Promise<number | null> {
    if (this.#rest.length === 0) {
      const chunk = await readBytes(this.#inner);
      if (chunk === null) return null;
      this.#rest = chunk;
    }
    this.#buffer[0] = this.#rest[0]!;
    this.#rest = this.#rest.subarray(1);
    return 1;
  }

  received(): Uint8Array {
    return this.#buffer;
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#inner.write(bytes);
  }

  close(): void {
    this.#inner.close();
  }
}
