/** DATA under requests, both ways, and what holds it back. */
import { assert, assertEquals, assertLess, assertLessOrEqual, assertRejects } from "@std/assert";
import type { Body } from "../../../gmp/frames/body.ts";
import { Channel } from "../../../gmp/channel/channel.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { DATA_CAP, Flag, Kind } from "../../../gmp/frames/frame.ts";
import type { IncomingRequest } from "../../../gmp/channel/incoming.ts";
import { memoryPair } from "../../../gmp/transports/memory.ts";
import {
  authenticated,
  concat,
  frameBytes,
  hex,
  type Peer,
  Random,
  tcpPair,
  withChannels,
  withPeer,
} from "../_wire.ts";

const MEBIBYTE = 1 << 20;

/** A handler that takes all DATA and replies with its size and hash. */
async function sum({ data }: IncomingRequest): Promise<Body> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of data) chunks.push(chunk);
  const whole = concat(...chunks);
  return { size: whole.length, hash: await hashOf(whole) };
}

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

const handlers = { "module.put": sum, "session.cancel": ({ body }: IncomingRequest) => body };

/** Lets everything else have a turn. */
const turn = () => new Promise((resolve) => setTimeout(resolve));

/** Sends `bytes` in pieces, waiting when told to; returns how often it was. */
async function upload(channel: Channel, bytes: Uint8Array, piece: number): Promise<[Body, number]> {
  const stream = channel.stream("module.put", {});
  let waits = 0;
  for (let at = 0; at < bytes.length; at += piece) {
    const full = stream.send(bytes.subarray(at, at + piece), at + piece < bytes.length);
    if (full !== undefined) {
      waits++;
      await full;
    }
  }
  return [await stream.reply, waits];
}

for (const [name, pair] of Object.entries({ memory: () => Promise.resolve(memoryPair()), TCP: tcpPair })) {
  Deno.test(`${name}: an upload of several MiB arrives whole, and its sender is held back`, async () => {
    const [one, other] = await pair();
    const left = new Channel(authenticated(one));
    const right = new Channel(authenticated(other), { handlers });
    const bytes = new Random(3).bytes(5 * MEBIBYTE + 17);
    const [reply, waits] = await upload(left, bytes, 100_000);
    assertEquals(reply, { size: bytes.length, hash: await hashOf(bytes) });
    assert(waits > 5, `${waits} waits`);
    // Small pieces come several in one read, whose buffer is used again before they are taken.
    assertEquals(
      (await upload(left, bytes.slice(0, 1_000_000), 777))[0].hash,
      await hashOf(bytes.slice(0, 1_000_000)),
    );
    assertEquals(await left.request("session.cancel", { id: 1 }), { id: 1 });
    await Promise.all([left.close(), right.close()]);
  });

  Deno.test(`${name}: a handler that reads slowly holds the connection back, and memory is bounded`, async () => {
    const [one, other] = await pair();
    const left = new Channel(authenticated(one));
    const piece = new Uint8Array(MEBIBYTE / 4);
    const most = { queue: 0, outbox: 0 };
    const slow = async ({ data }: IncomingRequest) => {
      let size = 0;
      for await (const chunk of data) {
        size += chunk.length;
        most.queue = Math.max(most.queue, data.size + chunk.length);
        most.outbox = Math.max(most.outbox, left.outbox.size);
        await turn();
      }
      return { size };
    };
    const right = new Channel(authenticated(other), { handlers: { "module.put": slow } });
    const [reply] = await upload(left, new Uint8Array(16 * MEBIBYTE), piece.length);
    assertEquals(reply, { size: 16 * MEBIBYTE });
    // The queue's limit, and what one read brought beyond it; the sender's limit, and the piece beyond it.
    assertLessOrEqual(most.queue, MEBIBYTE + 2 * piece.length);
    assertLessOrEqual(most.outbox, 2 * piece.length + 100);
    await Promise.all([left.close(), right.close()]);
  });
}

Deno.test("a flood of one-byte DATA holds the connection back long before a million of them wait", async () => {
  let most = 0;
  const slow = async ({ data }: IncomingRequest) => {
    let size = 0;
    for await (const chunk of data) {
      size += chunk.length;
      most = Math.max(most, data.size);
      if (size % 1000 === 0) await turn();
    }
    return { size };
  };
  await withPeer({ handlers: { "module.put": slow } }, async (_, peer) => {
    const byte = frameBytes(Kind.DATA, { flags: Flag.MORE, id: 1, payload: hex("00") });
    const thousand = concat(...Array<Uint8Array>(1000).fill(byte));
    await peer.send(frameBytes(Kind.REQUEST, { flags: Flag.MORE, operation: 19, id: 1, payload: {} }));
    for (let i = 0; i < 30; i++) await peer.send(thousand);
    await peer.send(frameBytes(Kind.DATA, { id: 1 }));
    assertEquals(await peer.body(Kind.REPLY, 1), { size: 30_000 });
    assertLess(most, 6000);
  });
});

Deno.test("an upload of nothing ends at once", async () => {
  await withChannels({}, { handlers }, async (left) => {
    const stream = left.stream("module.put", {});
    stream.send(new Uint8Array(0), false);
    assertEquals((await stream.reply).size, 0);
    // A plain request has no DATA either.
    assertEquals((await left.request("module.put")).size, 0);
  });
});

Deno.test("DATA longer than a frame is split, and only its end ends the upload", async () => {
  await withPeer({}, async (channel, peer) => {
    const stream = channel.stream("module.put", { name: "math" });
    const request = await peer.next();
    assertEquals([request?.kind, request?.flags], [Kind.REQUEST, Flag.MORE]);
    void stream.send(new Uint8Array(2 * DATA_CAP + 5), true);
    void stream.send(new Uint8Array(DATA_CAP), false);
    const frames = [await peer.next(), await peer.next(), await peer.next(), await peer.next()];
    assertEquals(frames.map((frame) => [frame!.kind, frame!.flags, frame!.id, frame!.payload.length]), [
      [Kind.DATA, Flag.MORE, stream.id, DATA_CAP],
      [Kind.DATA, Flag.MORE, stream.id, DATA_CAP],
      [Kind.DATA, Flag.MORE, stream.id, 5],
      [Kind.DATA, 0, stream.id, DATA_CAP],
    ]);
    await peer.send(frameBytes(Kind.REPLY, { id: stream.id, payload: {} }));
    await stream.reply;
  });
});

Deno.test("an upload that is refused: its sender hears it when it looks, and sends no more", async () => {
  const handlers = {
    "module.put": () => Promise.reject(new GhostError("VERSION_EXISTS")),
    "session.cancel": () => ({}),
  };
  await withChannels({}, { handlers }, async (left) => {
    const stream = left.stream("module.put", {});
    // The refusal is there, and nobody looks at the reply for a while: it went ahead of the second of these answers.
    await left.request("session.cancel");
    await left.request("session.cancel");
    await turn();
    const before = left.outbox.size;
    assertEquals(stream.send(new Uint8Array(MEBIBYTE), true), undefined);
    assertEquals(left.outbox.size, before);
    const error = await assertRejects(() => stream.reply, GhostError);
    assertEquals(error.code, "VERSION_EXISTS");
  });
});

Deno.test("DATA that comes after the answer is dropped", async () => {
  await withPeer({ handlers: { "module.put": () => ({}) } }, async (channel, peer) => {
    await peer.send(
      frameBytes(Kind.REQUEST, { flags: Flag.MORE, operation: 19, id: 5, payload: {} }),
      frameBytes(Kind.DATA, { flags: Flag.MORE, id: 5, payload: new Uint8Array(MEBIBYTE) }),
      frameBytes(Kind.DATA, { flags: Flag.MORE, id: 5, payload: new Uint8Array(MEBIBYTE) }),
      frameBytes(Kind.PING, { id: 8 }),
    );
    await peer.body(Kind.REPLY, 5);
    assertEquals((await peer.next())?.kind, Kind.PONG);
    assert(channel.open);
  });
});

for (
  const [how, code, end] of [
    ["is cancelled", "CANCELLED", (peer: Peer) => peer.send(frameBytes(Kind.CANCEL, { id: 5 }))],
    ["loses its connection", "CONNECTION_LOST", (peer: Peer) => Promise.resolve(peer.transport.close())],
  ] as const
) {
  Deno.test(`an upload that ${how}: its handler's loop fails with ${code}`, async () => {
    const first = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<unknown>();
    const handler = async ({ data, signal }: IncomingRequest) => {
      try {
        for await (const _ of data) first.resolve();
      } catch (error) {
        assert(signal.aborted);
        ended.resolve(error);
      }
      return {};
    };
    await withPeer({ handlers: { "module.put": handler } }, async (_, peer) => {
      await peer.send(
        frameBytes(Kind.REQUEST, { flags: Flag.MORE, operation: 19, id: 5, payload: {} }),
        frameBytes(Kind.DATA, { flags: Flag.MORE, id: 5, payload: hex("00") }),
      );
      await first.promise;
      await end(peer);
      assertEquals((await ended.promise as GhostError).code, code);
    });
  });
}

Deno.test("one id names an upload one way and a question the other way, and each gets its own DATA", async () => {
  const heard: number[] = [];
  const chunks: number[] = [];
  const goOn = Promise.withResolvers<void>();
  const left = {
    "module.run": async ({ send }: IncomingRequest) => {
      await send(hex("aa"), Flag.STDOUT);
      await goOn.promise;
      return {};
    },
  };
  const right = {
    "module.put": async ({ data }: IncomingRequest) => {
      for await (const chunk of data) chunks.push(...chunk);
      return {};
    },
  };
  await withChannels({ handlers: left }, { handlers: right }, async (left, right) => {
    const stream = left.stream("module.put", {});
    const running = right.request("module.run", {}, { data: (bytes) => heard.push(...bytes) });
    void stream.send(hex("01"), true);
    void stream.send(hex("02"), false);
    await stream.reply;
    goOn.resolve();
    await running;
    assertEquals([chunks, heard], [[1, 2], [0xaa]]);
  });
});

Deno.test("output of a request comes before its reply, in order, with its flags", async () => {
  const handler = async ({ send }: IncomingRequest) => {
    for (let i = 0; i < 300; i++) await send(Uint8Array.of(i), i % 2 === 0 ? Flag.STDOUT : Flag.STDERR);
    return { exitCode: 3 };
  };
  await withChannels({}, { handlers: { "module.run": handler } }, async (left) => {
    const heard: [number, number][] = [];
    const data = (bytes: Uint8Array, flags: number) => heard.push([bytes[0]!, flags]);
    assertEquals(await left.request("module.run", {}, { data }), { exitCode: 3 });
    assertEquals(
      heard,
      Array.from({ length: 300 }, (_, i) => [i & 0xff, i % 2 === 0 ? Flag.STDOUT : Flag.STDERR]),
    );
  });
});

Deno.test("a reply with DATA behind it: first its head, then the DATA, resolved after the last", async () => {
  await withPeer({}, async (channel, peer) => {
    const heard: unknown[] = [];
    const asking = channel.request("module.get", {}, {
      head: (body) => heard.push(body),
      data: (bytes) => heard.push(bytes.slice()),
    }).then((body) => heard.push(["resolved", body]));
    const id = (await peer.next())!.id;
    await peer.send(
      frameBytes(Kind.REPLY, { flags: Flag.MORE, id, payload: { size: 3 } }),
      frameBytes(Kind.DATA, { flags: Flag.MORE, id, payload: hex("0102") }),
      frameBytes(Kind.PING, { id: 1 }),
    );
    assertEquals((await peer.next())?.kind, Kind.PONG);
    assertEquals([heard, channel.pendingCount], [[{ size: 3 }, hex("0102")], 1]);
    await peer.send(frameBytes(Kind.DATA, { id, payload: hex("03") }));
    await asking;
    assertEquals(heard.slice(2), [hex("03"), ["resolved", { size: 3 }]]);
  });
});

Deno.test("a reply with DATA behind it may still fail", async () => {
  await withPeer({}, async (channel, peer) => {
    const asking = assertRejects(() => channel.request("module.get"), GhostError, "Cannot read");
    const id = (await peer.next())!.id;
    await peer.send(
      frameBytes(Kind.REPLY, { flags: Flag.MORE, id, payload: { size: 3 } }),
      frameBytes(Kind.ERROR, { id, payload: { code: "INTERNAL", message: "Cannot read" } }),
    );
    await asking;
  });
});
