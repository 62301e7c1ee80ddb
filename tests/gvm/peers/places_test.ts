// A node of another device may not make this one dial its own ports, nor the other way round.
import { assertEquals } from "@std/assert";
import { Channel } from "../../../gmp/channel/channel.ts";
import { answering, request } from "../../../gmp/channel/messages.ts";
import { newKey } from "../../../gmp/handshake/keys.ts";
import type { Address } from "../../../gmp/messages/peer.ts";
import { dialWithTicket } from "../../../gmp/ports/dial_with_ticket.ts";
import { checkAddress, type Pipes, placeFor, placeOf } from "../../../gvm/peers/places.ts";
import { connectNode, type TestNode } from "../../gpmd/_node.ts";
import { TwoDevices } from "../../tools/two_devices.ts";
import { assertFails } from "../harness.ts";

const HERE = { name: "node-1", id: "1" };
const ELSEWHERE = { ...HERE, device: "laptop" };
const PLACE = { executor: "e", address: { loopback: 4000 }, ticket: newKey() };
const PIPE = new Uint8Array(16).fill(3);

/** Pipes that write down what they are asked for. */
function recorded(asked: unknown[]): Pipes {
  return {
    offer: (device, port) => {
      asked.push(["offer", device, port]);
      return Promise.resolve(PIPE);
    },
    open: (device, pipe) => {
      asked.push(["open", device, pipe]);
      return Promise.resolve(4001);
    },
  };
}

Deno.test("a place goes over a pipe to a node of another device, and only to one", async () => {
  const asked: unknown[] = [];
  const pipes = recorded(asked);
  assertEquals(await placeFor(HERE, PLACE, pipes), PLACE);
  const told = { ...PLACE, restarted: true };
  assertEquals(await placeOf(HERE, told, pipes), told);
  assertEquals(asked, []);
  const offered = await placeFor(ELSEWHERE, PLACE, pipes);
  assertEquals(offered, { ...PLACE, address: { pipe: PIPE } });
  assertEquals(await placeOf(ELSEWHERE, { ...offered, restarted: false }, pipes), {
    ...PLACE,
    address: { loopback: 4001 },
    restarted: false,
    isPiped: true,
  });
  assertEquals(asked, [["offer", "laptop", 4000], ["open", "laptop", PIPE]]);
  await assertFails("BAD_REQUEST", placeOf(ELSEWHERE, told, pipes));
  await assertFails("BAD_REQUEST", placeOf(HERE, { ...offered, restarted: false }, pipes));
  assertEquals(asked.length, 2);
  checkAddress(ELSEWHERE, { pipe: PIPE });
});

/** Connects to node `here` as a node that has no virtual machine, and whose place is at `address`. */
async function introduce(
  node: TestNode,
  name: string,
  device: string | undefined,
  address: Address,
  next: Address = address,
): Promise<Channel> {
  const id = crypto.randomUUID();
  await request(node.channel, "node.register", { name, id, port: 4000 });
  const door = await request(node.channel, "node.locate", { name: "here", device });
  const isPiped = device !== undefined;
  const { port, ticket } = door;
  const executor = crypto.randomUUID();
  const control = new Channel(
    await dialWithTicket({ port, isPiped, ticket, audience: `node/${door.id}` }),
    {
      handlers: answering({
        "executor.open": () => ({ executor, address: next, ticket: newKey(), restarted: false }),
      }),
    },
  );
  const place = { executor, address, ticket: newKey() };
  try {
    await request(control, "peer.connect", { name, id, place });
  } catch (error) {
    await control.close();
    throw error;
  }
  return control;
}

/** A port of this device, and who has dialled it. */
function port(): { port: number; dialled: number } & Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const counted = {
    port: listener.addr.port,
    dialled: 0,
    [Symbol.dispose]: () => listener.close(),
  };
  (async () => {
    for await (const connection of listener) {
      counted.dialled++;
      connection.close();
    }
  })();
  return counted;
}

Deno.test("nodes at the door of one of two devices", async (t) => {
  await using two = await TwoDevices.start();
  const here = await two.node("laptop", "here");

  await t.step("a node of this device that names a pipe is refused", async () => {
    await using node = await connectNode(two.laptop.daemon);
    await assertFails("BAD_REQUEST", introduce(node, "liar", undefined, { pipe: PIPE }));
    assertEquals(here.list(), []);
  });

  await t.step(
    "a node of another device that names a port of this one is refused, and nobody dials it",
    async () => {
      using victim = port();
      await using node = await connectNode(two.pi.daemon);
      await assertFails("BAD_REQUEST", introduce(node, "liar", "laptop", { loopback: victim.port }));
      assertEquals([here.list(), victim.dialled], [[], 0]);
      // Nor may it do so later, when its executor is asked for again.
      await using again = await connectNode(two.pi.daemon);
      const nowhere = { pipe: PIPE };
      const control = await introduce(again, "stranger", "laptop", nowhere, { loopback: victim.port });
      assertEquals(here.list(), ["stranger@pi"]);
      await assertFails("BAD_REQUEST", here.call("math.add", [1, 2], { on: "stranger@pi" }));
      assertEquals(victim.dialled, 0);
      await control.close();
    },
  );

  await t.step(
    "a ticket for a node of another device is not good at the front door itself, nor is one of this device over a pipe",
    async () => {
      const { port } = (await two.laptop.gpmd.nodes()).find(({ name }) => name === "here")!;
      const audience = `node/${here.id}` as const;
      await using far = await connectNode(two.pi.daemon);
      await far.register("far");
      await using near = await connectNode(two.laptop.daemon);
      await near.register("near");
      const piped = await request(far.channel, "node.locate", { name: "here", device: "laptop" });
      await assertFails("UNAUTHENTICATED", dialWithTicket({ port, ticket: piped.ticket, audience }));
      const local = await request(near.channel, "node.locate", { name: "here" });
      const wrong = { port: piped.port, ticket: local.ticket, audience, isPiped: true };
      await assertFails("UNAUTHENTICATED", dialWithTicket(wrong));
      const other = await request(far.channel, "node.locate", { name: "here", device: "laptop" });
      const right = { port: other.port, ticket: other.ticket, audience, isPiped: true };
      (await dialWithTicket(right)).transport.close();
    },
  );

  await t.step(
    "a node of another device that says it has the id of one of this device does not take its place at the door",
    async () => {
      const id = crypto.randomUUID();
      const knock = async (node: TestNode, name: string, device?: string): Promise<Channel> => {
        await request(node.channel, "node.register", { name, id, port: 4000 });
        const { port, ticket } = await request(node.channel, "node.locate", { name: "here", device });
        const isPiped = device !== undefined;
        return new Channel(await dialWithTicket({ port, isPiped, ticket, audience: `node/${here.id}` }));
      };
      await using near = await connectNode(two.laptop.daemon);
      await using far = await connectNode(two.pi.daemon);
      const local = await knock(near, "near");
      const remote = await knock(far, "near", "laptop");
      await remote.taken(); // it has been let in by now
      await local.taken();
      assertEquals([local.open, remote.open], [true, true]);
      await Promise.all([local.close(), remote.close()]);
    },
  );
});
