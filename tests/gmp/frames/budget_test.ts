/** What a connection makes this process hold: charged as it comes, given back as it goes, bounded for each and in sum. */
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import type { Body } from "../../../gmp/frames/body.ts";
import { Budget, CONNECTION_BUDGET, PROCESS_BUDGET } from "../../../gmp/frames/budget.ts";
import { Channel, type ChannelOptions } from "../../../gmp/channel/channel.ts";
import type { GhostError } from "../../../gmp/errors.ts";
import { Flag, Kind } from "../../../gmp/frames/frame.ts";
import type { IncomingRequest } from "../../../gmp/channel/incoming.ts";
import { memoryPair } from "../../../gmp/transports/memory.ts";
import { OPERATIONS } from "../../../gmp/messages/operations.ts";
import { authenticated, frameBytes, hex, Peer, tcpPair, withPeer } from "../_wire.ts";

const { "executor.open": OPEN, "module.run": RUN } = OPERATIONS;
const MIB = 1 << 20;

/** A body of 16 KB: a field that is none, a list of empty maps, which would take 1 MB when it is decoded. */
const JUNK = hex(`82 a8 6578656375746f72 01 a4 6a756e6b dd 00003e00 ${"80".repeat(0x3e00)}`);
/** A body of 16 KB in a field that is one, `argv`: arrays of one element, which take 3 MB when they are decoded. */
const WANTED = hex(`81 a4 61726776 dd 00001f00 ${"9101".repeat(0x1f00)}`);

/** Waits for ever, or as long as it is waited for. */
const never = ({ signal }: IncomingRequest) =>
  new Promise<Body>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
const ping = frameBytes(Kind.PING);

/** A connection whose other side does as it likes. */
function connect(options: ChannelOptions): { channel: Channel; peer: Peer } {
  const [one, other] = memoryPair();
  return { channel: new Channel(authenticated(one), options), peer: new Peer(other) };
}

Deno.test("fields that an operation does not have are neither kept nor charged", async () => {
  const bodies: Body[] = [];
  const keep = (request: IncomingRequest) => {
    bodies.push(request.body);
    return never(request);
  };
  await withPeer({ handlers: { "executor.open": keep } }, async (channel, peer) => {
    for (let id = 1; id <= 350; id++) {
      await peer.send(frameBytes(Kind.REQUEST, { operation: OPEN, id, payload: JUNK }));
    }
    await peer.send(ping);
    assertEquals((await peer.next())?.kind, Kind.PONG);
    assertEquals(bodies.length, 350);
    assert(bodies.every((body) => Object.keys(body).join() === "executor"));
    assertLess(channel.budget.held, 4 * MIB);
  });
});

Deno.test("a body is charged for what it takes when it is decoded, and refused where that is too much", async () => {
  await withPeer({ handlers: { "module.run": never } }, async (channel, peer) => {
    let refused = 0;
    for (let id = 1; id <= 60; id++) {
      await peer.send(frameBytes(Kind.REQUEST, { operation: RUN, id, payload: WANTED }), ping);
      const answer = await peer.next();
      if (answer?.kind === Kind.PONG) continue;
      refused++;
      assertEquals(answer?.kind, Kind.ERROR);
      assertEquals((await peer.next())?.kind, Kind.PONG);
    }
    assertGreater(refused, 20);
    assertLess(channel.budget.held, CONNECTION_BUDGET);
    assert(channel.open);
  });
});

Deno.test("a field that is a plain value may be nothing else", async () => {
  await withPeer({ handlers: { "executor.open": ({ body }) => body } }, async (_, peer) => {
    for (const value of ["80", "90", "dc 0000", "dd 00000000", "de 0000", "df 00000000", "91 80"]) {
      const payload = hex(`81 a8 6578656375746f72 ${value}`);
      await peer.send(frameBytes(Kind.REQUEST, { operation: OPEN, id: 1, payload }));
      const { code, message } = await peer.body(Kind.ERROR, 1);
      assertEquals(code, "BAD_REQUEST");
      assertEquals(message, 'Cannot read the payload: its "executor" is a map or an array');
    }
    await peer.send(frameBytes(Kind.REQUEST, { operation: OPEN, id: 1, payload: { executor: "x" } }));
    assertEquals(await peer.body(Kind.REPLY, 1), { executor: "x" });
  });
});

Deno.test("what was charged is given back when requests are answered, and when the connection ends", async () => {
  const answers: (() => void)[] = [];
  const later = () => new Promise<Body>((resolve) => answers.push(() => resolve({})));
  const { channel, peer } = connect({ handlers: { "module.run": later } });
  for (let id = 1; id <= 30; id++) {
    await peer.send(frameBytes(Kind.REQUEST, { operation: RUN, id, payload: WANTED }));
  }
  await peer.send(frameBytes(Kind.REQUEST, { operation: RUN, id: 99, flags: Flag.MORE, payload: {} }));
  await peer.send(
    frameBytes(Kind.DATA, { id: 99, flags: Flag.MORE, payload: new Uint8Array(MIB / 2) }),
    ping,
  );
  assertEquals((await peer.next())?.kind, Kind.PONG);
  assertGreater(channel.budget.held, 45 * MIB);
  for (const answer of answers) answer();
  for (let count = 0; count < 31; count++) assertEquals((await peer.next())?.kind, Kind.REPLY);
  await peer.send(ping);
  assertEquals((await peer.next())?.kind, Kind.PONG);
  assertLess(channel.budget.held, 100);
  await peer.send(frameBytes(Kind.REQUEST, { operation: RUN, id: 1, payload: WANTED }), ping);
  assertEquals((await peer.next())?.kind, Kind.PONG);
  await channel.close();
  answers.at(-1)!();
  await channel.closed;
  peer.transport.close();
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(channel.budget.held, 0);
});

Deno.test("DATA behind a request that takes none is refused with the request", async () => {
  await withPeer({ handlers: { "executor.open": never } }, async (channel, peer) => {
    await peer.send(
      frameBytes(Kind.REQUEST, { operation: OPEN, id: 1, flags: Flag.MORE, payload: { executor: 1 } }),
      frameBytes(Kind.DATA, { id: 1, flags: Flag.MORE, payload: new Uint8Array(MIB) }),
    );
    const error = await peer.body(Kind.ERROR, 1);
    assertEquals([error.code, error.message], [
      "BAD_REQUEST",
      "Cannot answer: executor.open takes no DATA",
    ]);
    await peer.send(ping);
    assertEquals((await peer.next())?.kind, Kind.PONG);
    assertLess(channel.budget.held, 1000);
  });
});

Deno.test("DATA that waits for many requests is bounded in sum: the connection is read no further until there is room", async () => {
  const requests: IncomingRequest[] = [];
  const wait = (request: IncomingRequest) => {
    requests.push(request);
    return never(request);
  };
  await withPeer({ handlers: { "module.run": wait } }, async (channel, peer) => {
    const half = new Uint8Array(MIB / 2 - 1000);
    const sending = (async () => {
      for (let id = 1; id <= 200; id++) {
        await peer.send(frameBytes(Kind.REQUEST, { operation: RUN, id, flags: Flag.MORE, payload: {} }));
        for (let i = 0; i < 2; i++) {
          await peer.send(frameBytes(Kind.DATA, { id, flags: Flag.MORE, payload: half }));
        }
      }
      await peer.send(ping);
    })();
    while (channel.budget.held <= CONNECTION_BUDGET) await new Promise((resolve) => setTimeout(resolve, 1));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
    assertLess(channel.budget.held, CONNECTION_BUDGET + 2 * MIB);
    assertLess(requests.length, 70);
    for (let i = 0; i < 200; i++) {
      while (requests[i] === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
      requests[i]!.data.discard();
    }
    await sending;
    assertEquals((await peer.next())?.kind, Kind.PONG);
  });
});

Deno.test("a frame that does not come whole, and room to read, are charged while they are held", async () => {
  const [one, other] = await tcpPair();
  const channel = new Channel(authenticated(one));
  const peer = new Peer(other);
  await peer.send(frameBytes(Kind.DATA, { payload: new Uint8Array(MIB) }).subarray(0, MIB - 1));
  while (channel.budget.held < MIB) await new Promise((resolve) => setTimeout(resolve, 1));
  assertLess(channel.budget.held, 2 * MIB);
  await peer.send(new Uint8Array(13));
  // Small frames one by one: the room for the burst is given up.
  for (let count = 0; channel.budget.held > 64 << 10; count++) {
    assertLess(count, 100);
    await peer.send(ping);
    assertEquals((await peer.next())?.kind, Kind.PONG);
  }
  other.close();
  await channel.closed;
});

Deno.test("a process that holds too much for all gives up the connection that it holds most for", async () => {
  const ended: string[] = [];
  const large: ChannelOptions["handlers"] = {
    "executor.open": () => ({ bytes: new Uint8Array(200 * 1024) }),
    "module.run": never,
  };
  const open = (name: string) =>
    connect({ handlers: large, ended: (_, error) => ended.push(`${name} ${error?.code}`) });
  const modest = open("modest");
  await modest.peer.send(frameBytes(Kind.REQUEST, { operation: RUN, id: 1, flags: Flag.MORE, payload: {} }));
  await modest.peer.send(frameBytes(Kind.DATA, { id: 1, flags: Flag.MORE, payload: new Uint8Array(1000) }));
  const greedy = Array.from({ length: 5 }, (_, i) => open(`greedy${i}`));
  let most = 0;
  for (const { peer } of greedy) {
    // Answers that nobody reads, just below what one connection may have.
    for (let id = 1; id <= 310; id++) {
      await peer.send(frameBytes(Kind.REQUEST, { operation: OPEN, id, payload: {} })).catch(() => {});
      most = Math.max(most, greedy.reduce((sum, { channel }) => sum + channel.budget.held, 0));
    }
  }
  while (ended.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assertLess(most, PROCESS_BUDGET + MIB);
  assertGreater(most, PROCESS_BUDGET - 64 * MIB);
  assert(ended.every((one) => /^greedy\d CONNECTION_LOST$/.test(one)), ended.join());
  await modest.peer.send(ping);
  assertEquals((await modest.peer.next())?.kind, Kind.PONG);
  for (const { channel, peer } of [...greedy, modest]) {
    peer.transport.close();
    await channel.closed;
  }
});

Deno.test("what the largest takes as it ends is given back, too", async () => {
  const others = Array.from({ length: 4 }, () => new Budget({ overdrawn: () => {} }));
  for (const one of others) one.take(49 * MIB);
  const before = PROCESS_BUDGET - 4 * 49 * MIB - MIB / 2;
  const ways: Record<string, (channel: Channel, peer: Peer) => unknown> = {
    "an answer": (channel) => channel.outbox.append(Kind.REPLY, 0, 0, 1, new Uint8Array(MIB)),
    "a call": (_, peer) => peer.send(frameBytes(Kind.CALL, { id: 1, flags: Flag.MORE, payload: hex("00") })),
    "DATA": async (_, peer) => {
      await peer.send(frameBytes(Kind.REQUEST, { operation: RUN, id: 1, flags: Flag.MORE, payload: {} }));
      await peer.send(frameBytes(Kind.DATA, { id: 1, flags: Flag.MORE, payload: new Uint8Array(MIB) }));
    },
    "an element of a stream": (channel, peer) => {
      const source = { next: () => Promise.resolve(new Uint8Array(2 * MIB)), cancel: () => {} };
      const operation = channel.streams.answer(1).send(source);
      return peer.send(frameBytes(Kind.CREDIT, { operation, id: 1, payload: hex("01000000") }));
    },
  };
  for (const [name, way] of Object.entries(ways)) {
    const { channel, peer } = connect({ call: () => {}, handlers: { "module.run": never } });
    channel.budget.take(before);
    await way(channel, peer);
    assertEquals((await channel.closed)?.code, "CONNECTION_LOST", name);
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals(channel.budget.held, before, name);
    channel.budget.give(before);
    peer.transport.close();
  }
  for (const one of others) {
    one.give(one.held);
    one.end();
  }
});

Deno.test("the largest pays, nothing else being held by now, and what it still holds is not counted against others, unless it is very much", () => {
  const paid: string[] = [];
  const [small, large, middle] = ["small", "large", "middle"].map((name) =>
    new Budget({ overdrawn: (error: GhostError) => paid.push(`${name}: ${error.message}`) })
  ) as [Budget, Budget, Budget];
  small.take(20 * MIB);
  large.take(150 * MIB);
  middle.take(PROCESS_BUDGET - 170 * MIB);
  assertEquals(paid, []);
  small.take(MIB);
  assertEquals(paid, [
    `large: Cannot go on: the other side made this one hold ${150 * MIB} bytes, the most of all connections`,
  ]);
  small.take(MIB);
  assertEquals([paid.length, small.fits(MIB)], [1, true]);
  large.take(110 * MIB); // its handlers have not heard of it yet
  assertEquals([paid.length, small.fits(MIB)], [1, false]);
  large.give(260 * MIB);
  assert(small.fits(MIB));
  for (const budget of [small, middle]) {
    budget.give(budget.held);
    budget.end();
  }
});
