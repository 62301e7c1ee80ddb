/**
 * Who is let in at the front door of a node. The tests share the nodes here and there, each with one executor, and each has a
 * stranger of its own that knocks; the last one, which changes the clocks, has a network of its own.
 */
import { assertEquals } from "@std/assert";
import { Channel } from "../../../gmp/channel/channel.ts";
import { request } from "../../../gmp/channel/messages.ts";
import { NOTICES } from "../../../gmp/messages/messages.ts";
import { SESSION_CAPS } from "../../../gmp/frames/frame.ts";
import { newKey, SECRET_KEY_NAME, ticketName } from "../../../gmp/handshake/keys.ts";
import { dial } from "../../../gmp/ports/tcp.ts";
import { connectNode, type TestNode } from "../../gpmd/_node.ts";
import { within } from "../../tools/commands.ts";
import { Network } from "../../tools/network.ts";
import { assertFails } from "../harness.ts";

const HOST = "127.0.0.1";

/** A front door as GPMD tells of it. */
interface Door {
  readonly id: string;
  readonly port: number;
  readonly ticket: Uint8Array;
}

/** A node that is registered and has no virtual machine: what it does at a front door is up to the test. */
class Stranger implements AsyncDisposable {
  readonly id = crypto.randomUUID();
  readonly place = { executor: crypto.randomUUID(), address: { loopback: 4000 }, ticket: newKey() };
  readonly #channels: Channel[] = [];

  private constructor(readonly name: string, readonly node: TestNode) {}

  static async register(network: Network, name: string): Promise<Stranger> {
    const stranger = new Stranger(name, await connectNode(network.daemon));
    await stranger.node.channel.request("node.register", { name, id: stranger.id, port: 4000 });
    return stranger;
  }

  /** Asks GPMD for a ticket to the node of that name. */
  async locate(name: string): Promise<Door> {
    return await request(this.node.channel, "node.locate", { name });
  }

  /** Dials a front door. */
  async knock({ id, port, ticket }: Door, keyName?: string): Promise<Channel> {
    const name = keyName ?? await ticketName(ticket);
    const channel = new Channel(
      await dial({
        hostname: HOST,
        port,
        keyName: name,
        key: ticket,
        audience: `node/${id}`,
        caps: SESSION_CAPS,
      }),
    );
    this.#channels.push(channel);
    return channel;
  }

  /** Introduces itself. */
  introduce(channel: Channel, { name = this.name, id = this.id }: { name?: string; id?: string } = {}) {
    return channel.request("peer.connect", { name, id, place: this.place });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#channels.map((channel) => channel.close()));
    await this.node[Symbol.asyncDispose]();
  }
}

Deno.test("what a front door lets in", async (t) => {
  await using network = await Network.start();
  const [here, there] = await network.smallPair("here", "there");
  /** A step with a stranger of its own; what was connected to here is gone after it. */
  const step = (name: string, test: (stranger: Stranger) => Promise<void>) =>
    t.step(name, async () => {
      await using stranger = await Stranger.register(network, `stranger-${strangers++}`);
      await test(stranger);
      for (const peer of here.list()) await here.disconnect(peer);
    });
  let strangers = 0;

  await step("a ticket opens the front door once", async (stranger) => {
    const place = await stranger.locate("here");
    const channel = await stranger.knock(place);
    const answer = await stranger.introduce(channel);
    assertEquals([answer.name, answer.id, here.list()], ["here", here.id, [stranger.name]]);
    await assertFails("UNAUTHENTICATED", stranger.knock(place));
  });

  await step("of two who come with one ticket at the same instant, one is let in", async (stranger) => {
    for (let round = 0; round < 10; round++) {
      const place = await stranger.locate("here");
      // Both may pass the handshake; only one may ask for anything.
      const attempts = [stranger.knock(place), stranger.knock(place)].map(async (knock) => {
        await (await knock).request("call.cancel", { executor: "none", id: 1 });
      });
      const codes = (await Promise.allSettled(attempts)).map((one) =>
        (one as PromiseRejectedResult).reason.code
      );
      assertEquals(codes.filter((code) => code === "NOT_CONNECTED").length, 1, codes.join());
    }
  });

  await step(
    "of the connections of one node that do not say who they are, the last one stays, and not for long",
    async (stranger) => {
      const channels: Channel[] = [];
      for (let count = 0; count < 20; count++) {
        channels.push(await stranger.knock(await stranger.locate("here")));
      }
      const ends = await Promise.all(channels.slice(0, -1).map((channel) => channel.closed));
      assertEquals(ends.map((error) => error?.code), Array(19).fill("CONNECTION_DENIED"));
      assertEquals(channels.at(-1)!.open, true);
      const error = await channels.at(-1)!.closed;
      assertEquals(error?.message, "Cannot connect: the other side did not introduce itself");
      // One that does stays, whoever comes after it.
      const peer = await stranger.knock(await stranger.locate("here"));
      await stranger.introduce(peer);
      await stranger.knock(await stranger.locate("here"));
      assertEquals([peer.open, here.list()], [true, [stranger.name]]);
    },
  );

  await step("a ticket is not good for another node", async (stranger) => {
    const { ticket } = await stranger.locate("here");
    const { id, port } = await stranger.locate("there");
    await assertFails("UNAUTHENTICATED", stranger.knock({ id, port, ticket }));
    // Whoever has it is not let in under another name or id either.
    for (const forged of [{ name: "there" }, { id: crypto.randomUUID() }]) {
      const channel = await stranger.knock(await stranger.locate("here"));
      await assertFails("CONNECTION_DENIED", stranger.introduce(channel, forged));
    }
    assertEquals(here.list(), []);
  });

  await step(
    "a ticket is not good for a node that has taken the place of the one it was made for",
    async (stranger) => {
      const door = await stranger.locate("here");
      await assertFails("UNAUTHENTICATED", stranger.knock({ ...door, id: crypto.randomUUID() }));
      await stranger.introduce(await stranger.knock(door));
      assertEquals(here.list(), [stranger.name]);
    },
  );

  await step("a ticket is not good in the other direction", async (stranger) => {
    // What a node is told of one that is about to come to it opens nothing.
    await assertFails("CONNECTION_LOST", here.connect(stranger.name));
    const notice = await stranger.node.notice();
    assertEquals([notice.notice, notice.name], ["peer.expected", "here"]);
    const door = NOTICES["peer.expected"].decode(notice);
    await assertFails("UNAUTHENTICATED", stranger.knock({ ...door, port: door.port! }));
    assertEquals([here.list(), there.list()], [[], []]);
  });

  await step("neither the store's secret nor a guess opens a front door", async (stranger) => {
    const door = await stranger.locate("here");
    const { secret } = network.daemon;
    await assertFails("UNAUTHENTICATED", stranger.knock({ ...door, ticket: secret }, SECRET_KEY_NAME));
    await assertFails("UNAUTHENTICATED", stranger.knock({ ...door, ticket: secret }));
    await assertFails("UNAUTHENTICATED", stranger.knock({ ...door, ticket: newKey() }));
  });

  await step("before it has introduced itself a node can ask for nothing", async (stranger) => {
    const channel = await stranger.knock(await stranger.locate("here"));
    await assertFails("NOT_CONNECTED", channel.request("executor.open", { executor: "none" }));
    await assertFails("NOT_CONNECTED", channel.request("call.cancel", { executor: "none", id: 1 }));
    await assertFails("UNKNOWN_OPERATION", channel.request("function.resolve", {}));
    await assertFails("BAD_REQUEST", channel.request("peer.connect", {}));
    await assertFails("BAD_REQUEST", channel.request("peer.connect", { name: stranger.name, id: 7 }));
    assertEquals(here.list(), []);
    await stranger.introduce(channel);
    await assertFails("BAD_REQUEST", stranger.introduce(channel));
    assertEquals(here.list(), [stranger.name]);
  });

  await step(
    "however often a node introduces itself over a connection, it is asked about once",
    async (stranger) => {
      const decision = Promise.withResolvers<boolean>();
      let asked = 0;
      await using choosy = await network.node("choosy", { accept: () => (asked++, decision.promise) });
      const channel = await stranger.knock(await stranger.locate("choosy"));
      const first = stranger.introduce(channel);
      for (let count = 0; count < 3; count++) await assertFails("BAD_REQUEST", stranger.introduce(channel));
      assertEquals(asked, 1);
      decision.resolve(false);
      await assertFails("CONNECTION_DENIED", first);
      await assertFails("BAD_REQUEST", stranger.introduce(channel));
      assertEquals([asked, choosy.list()], [1, []]);
    },
  );

  await step("a peer that lies about its executor harms nobody but itself", async (stranger) => {
    const channel = await stranger.knock(await stranger.locate("here"));
    await stranger.introduce(channel); // its executor's port is nobody's
    // It is asked where to go on, and does not know how to answer.
    await assertFails("UNKNOWN_OPERATION", here.call("math.add", [1, 2], { on: stranger.name }));
    assertEquals(await here.call("math.add", [1, 2]), 3);
    assertEquals(here.list(), [stranger.name]);
  });

  await step(
    "HTTP and random bytes are closed without an answer, and a flood of silence keeps nobody out",
    async () => {
      const { port } = (await network.gpmd.nodes()).find(({ name }) => name === "there")!;
      for (const bytes of [new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"), randomBytes(4096)]) {
        using connection = await Deno.connect({ hostname: HOST, port });
        await connection.write(bytes);
        assertEquals(await answer(connection), 0);
      }
      const silent: Deno.TcpConn[] = [];
      try {
        while (silent.length < 300) silent.push(await Deno.connect({ hostname: HOST, port }));
        await here.connect("there");
        assertEquals(await here.call("math.add", [1, 2], { on: "there" }), 3);
      } finally {
        for (const connection of silent) connection.close();
      }
    },
  );

  await step("a connection that is reset before it is served is no fault", async () => {
    const { port } = (await network.gpmd.nodes()).find(({ name }) => name === "there")!;
    for (let count = 0; count < 50; count++) (await Deno.connect({ hostname: HOST, port })).close();
    await here.connect("there");
    assertEquals(here.list(), ["there"]);
  });
});

Deno.test("a ticket is good for thirty seconds, whatever is done to the clock of the calendar", async () => {
  await using network = await Network.start();
  const now = performance.now.bind(performance);
  const date = Date.now;
  let later = 0;
  performance.now = () => now() + later;
  try {
    const here = await network.node("here");
    await using stranger = await Stranger.register(network, "stranger");
    const [early, late] = [await stranger.locate("here"), await stranger.locate("here")];
    later = 29_000;
    Date.now = () => date() + 1e9;
    await stranger.knock(early);
    later = 31_000;
    Date.now = () => date() - 1e9;
    await assertFails("UNAUTHENTICATED", stranger.knock(late));
    assertEquals(here.list(), []);
  } finally {
    Date.now = date;
    Reflect.deleteProperty(performance, "now");
  }
});

/** Bytes that are no preface. */
function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  bytes[0] = 0;
  return bytes;
}

/** Bytes that come before the other side closes or resets. */
async function answer(connection: Deno.TcpConn): Promise<number> {
  const read = connection.read(new Uint8Array(64)).catch((error) => {
    if (error instanceof Deno.errors.ConnectionReset) return null;
    throw error;
  });
  return await within(4000, "the end of the connection", read) ?? 0;
}
