import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import type { Body } from "../../../gmp/frames/body.ts";
import { Channel } from "../../../gmp/channel/channel.ts";
import { type Frame, payloadOf } from "../../../gmp/frames/decoder.ts";
import { ERROR_SENTENCES, GhostError } from "../../../gmp/errors.ts";
import { Kind } from "../../../gmp/frames/frame.ts";
import type { IncomingRequest } from "../../../gmp/channel/incoming.ts";
import { memoryPair } from "../../../gmp/transports/memory.ts";
import { readBytes, writeBytes } from "../../../gmp/transports/transport.ts";
import {
  assertFails,
  authenticated,
  frameBytes,
  Held,
  hex,
  RecordingTransport,
  tcpPair,
  withChannels,
  withPeer,
} from "../_wire.ts";

const echo = { "session.cancel": ({ body }: IncomingRequest) => body };

Deno.test("a request and its reply are these bytes", async () => {
  const [one, other] = memoryPair();
  const channel = new Channel(authenticated(one));
  const reply = channel.request("node.locate", { name: "node-1" });
  assertEquals(channel.pendingCount, 1);
  assertEquals(await readBytes(other), hex("0d000000 04 00 0300 01000000   81 a4 6e616d65 a6 6e6f64652d31"));
  await writeBytes(other, hex("09000000 05 00 0000 01000000   81 a4 706f7274 cd 1389"));
  assertEquals(await reply, { port: 5001 });
  assertEquals(channel.pendingCount, 0);
  await channel.close();
  assertEquals(await readBytes(other), hex("00000000 0e 00 0000 00000000"));
  assertEquals(await readBytes(other), null);
});

Deno.test("both sides ask at once, and answers find their questions in any order", async () => {
  const waiting: (() => void)[] = [];
  const handlers = {
    "call.cancel": ({ body }: IncomingRequest) =>
      new Promise<Body>((resolve) => waiting.push(() => resolve(body))),
  };
  await withChannels({ handlers }, { handlers }, async (left, right) => {
    const asked = [left, right].flatMap((side) =>
      Array.from(
        { length: 50 },
        (_, i) => side.request("call.cancel", { executor: side === left ? "l" : "r", id: i }),
      )
    );
    assertEquals([left.pendingCount, right.pendingCount], [50, 50]);
    // The last question of each side is answered only now, so all hundred wait.
    await Promise.all([left, right].map((side) => side.request("session.cancel").catch(() => {})));
    assertEquals(waiting.length, 100);
    for (const answer of waiting.reverse()) answer();
    const bodies = await Promise.all(asked);
    assertEquals(bodies.map(({ executor, id }) => `${executor}${id}`), [
      ...Array.from({ length: 50 }, (_, i) => `l${i}`),
      ...Array.from({ length: 50 }, (_, i) => `r${i}`),
    ]);
  });
});

Deno.test("requests of one turn leave as one write, and so do their replies", async () => {
  const [one, other] = memoryPair();
  const [asking, answering] = [new RecordingTransport(one), new RecordingTransport(other)];
  const left = new Channel(authenticated(asking));
  const right = new Channel(authenticated(answering), { handlers: echo });
  // Few enough for one look of the channel at the clock, at which a slow machine would end the turn.
  const numbers = Array.from({ length: 30 }, (_, i) => i);
  const bodies = await Promise.all(numbers.map((i) => left.request("session.cancel", { id: i })));
  assertEquals(bodies.map(({ id }) => id), numbers);
  assertEquals([asking.writes.length, answering.writes.length], [1, 1]);
  await Promise.all([left.close(), right.close()]);
});

Deno.test("a conversation over TCP", async () => {
  const [one, other] = await tcpPair();
  const left = new Channel(authenticated(one), { handlers: echo });
  const right = new Channel(authenticated(other), { handlers: echo });
  for (let i = 0; i < 20; i++) {
    const bodies = await Promise.all([left, right].map((side) => side.request("session.cancel", { id: i })));
    assertEquals(bodies, [{ id: i }, { id: i }]);
  }
  await left.close();
  assertEquals(await right.closed, undefined);
});

Deno.test("an error crosses the wire with code, sentence, retryable and details, but not its cause", async () => {
  const thrown = new GhostError("VERSION_EXISTS", "Cannot put: it is there", {
    retryable: true,
    details: { version: "v1", sizes: [1, 2] },
    cause: new Error("/home/ghost/secret"),
  });
  const handlers = { "module.put": () => Promise.reject(thrown) };
  await withChannels({}, { handlers }, async (left) => {
    const error = await assertFails(left.request("module.put"), "VERSION_EXISTS", "Cannot put: it is there");
    assertNotStrictEquals(error, thrown);
    assertEquals([error.retryable, error.details, error.cause], [true, thrown.details, undefined]);
  });
});

Deno.test("an operation that the other side does not answer is UNKNOWN_OPERATION", async () => {
  await withChannels({}, { handlers: echo }, async (left) => {
    const message = "Cannot answer: operation 17 is not known here";
    await assertFails(left.request("gpmd.kill"), "UNKNOWN_OPERATION", message);
    assertEquals(await left.request("session.cancel"), {});
  });
});

for (
  const [how, handler] of Object.entries<() => Body | Promise<Body>>({
    "throws an Error": () => {
      throw new TypeError("x is undefined");
    },
    "rejects with an Error": () => Promise.reject(new TypeError("x is undefined")),
    "returns what cannot be sent": () => ({ inside: { missing: undefined } }),
  })
) {
  Deno.test(`a handler that ${how} is INTERNAL to the other side`, async () => {
    await withChannels({}, { handlers: { ...echo, "call.cancel": handler } }, async (left) => {
      await assertFails(left.request("call.cancel"), "INTERNAL", ERROR_SENTENCES.INTERNAL);
      assertEquals(await left.request("session.cancel", { id: "open" }), { id: "open" });
    });
  });
}

Deno.test("a request that cannot be encoded, or is over its cap, fails alone and is not sent", async () => {
  await withPeer({}, async (channel, peer) => {
    const circle: Body = {};
    circle.circle = circle;
    await assertFails(channel.request("session.cancel", circle), "INTERNAL");
    await assertFails(channel.request("session.cancel", { argv: "x".repeat(1 << 18) }), "PAYLOAD_TOO_LARGE");
    assertEquals(channel.pendingCount, 0);
    channel.notify("next");
    assertEquals(await peer.body(Kind.NOTICE), { notice: "next" });
  });
});

Deno.test("a signal that is aborted already: CANCELLED, and nothing is sent", async () => {
  await withPeer({}, async (channel, peer) => {
    const reason = new Error("no longer");
    const error = await assertFails(
      channel.request("session.cancel", {}, { signal: AbortSignal.abort(reason) }),
      "CANCELLED",
    );
    assertStrictEquals(error.cause, reason);
    const stream = channel.stream("module.put", {}, { signal: AbortSignal.abort(reason) });
    assertEquals(stream.send(new Uint8Array(10), false), undefined);
    await assertFails(stream.reply, "CANCELLED");
    channel.notify("next");
    assertEquals(await peer.body(Kind.NOTICE), { notice: "next" });
  });
});

Deno.test("a signal that aborts: CANCELLED here, the handler's signal aborts there", async () => {
  const held = new Held();
  await withChannels({}, { handlers: { ...echo, "call.cancel": held.handler } }, async (left) => {
    const abort = new AbortController();
    const reason = new Error("no longer");
    const asking = left.request("call.cancel", {}, { signal: abort.signal });
    const { signal } = await held.arrived;
    assertFalse(signal.aborted);
    const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    abort.abort(reason);
    assertStrictEquals((await assertFails(asking, "CANCELLED")).cause, reason);
    await aborted;
    assertInstanceOf(signal.reason, GhostError);
    assertEquals(signal.reason.code, "CANCELLED");
    // Its answer comes too late and is nobody's.
    held.answer({ too: "late" });
    assertEquals(await left.request("session.cancel", { id: 1 }), { id: 1 });
  });
});

Deno.test("a signal that aborts after the answer changes nothing, and nobody listens to it any more", async () => {
  await withPeer({}, async (channel, peer) => {
    const abort = new AbortController();
    const { signal } = abort;
    let listeners = 0;
    signal.addEventListener = (...args: Parameters<EventTarget["addEventListener"]>) => {
      listeners++;
      EventTarget.prototype.addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<EventTarget["removeEventListener"]>) => {
      listeners--;
      EventTarget.prototype.removeEventListener.apply(signal, args);
    };
    const asking = channel.request("session.cancel", {}, { signal });
    assertEquals(listeners, 1);
    const { id } = (await peer.next())!;
    await peer.send(frameBytes(Kind.REPLY, { id, payload: {} }));
    await asking;
    assertEquals(listeners, 0);
    abort.abort();
    channel.notify("next");
    assertEquals(await peer.body(Kind.NOTICE), { notice: "next" });
  });
});

Deno.test("a timeout: CONNECTION_LOST and a CANCEL, while the connection goes on", async () => {
  await withPeer({}, async (channel, peer) => {
    const asking = channel.request("session.cancel", {}, { timeout: 5 });
    const error = await assertFails(asking, "CONNECTION_LOST", "Cannot go on: no answer came in 5 ms");
    assert(error.stack?.includes("channel_test.ts"), error.stack);
    assertEquals([(await peer.next())?.kind, (await peer.next())?.kind], [Kind.REQUEST, Kind.CANCEL]);
    await peer.send(frameBytes(Kind.REPLY, { id: 1, payload: {} }));
    const again = channel.request("session.cancel", {}, { timeout: 60_000 });
    const { id } = (await peer.next())!;
    await peer.send(frameBytes(Kind.REPLY, { id, payload: { i: 2 } }));
    assertEquals(await again, { i: 2 });
  });
});

Deno.test("a notice is heard with its name and body; one without a name is not", async () => {
  const heard = Promise.withResolvers<[string, Body]>();
  await withPeer({ notice: (name, body) => heard.resolve([name, body]) }, async (_, peer) => {
    await peer.send(
      frameBytes(Kind.NOTICE, { payload: {} }),
      frameBytes(Kind.NOTICE, { payload: { notice: 7 } }),
      frameBytes(Kind.NOTICE, { payload: { notice: "call.stopped", id: 3 } }),
    );
    assertEquals(await heard.promise, ["call.stopped", { notice: "call.stopped", id: 3 }]);
  });
});

Deno.test("a PING is answered with its id and payload", async () => {
  await withPeer({}, async (_, peer) => {
    await peer.send(frameBytes(Kind.PING, { id: 9, payload: hex("aabb") }), frameBytes(Kind.PONG, { id: 4 }));
    assertEquals(await peer.next(), { kind: Kind.PONG, flags: 0, operation: 0, id: 9, payload: hex("aabb") });
  });
});

Deno.test("a CALL is refused where nothing is callable", async () => {
  await withPeer({}, async (_, peer) => {
    await peer.send(frameBytes(Kind.CALL, { id: 6, payload: hex("01000000") }));
    assertEquals(await peer.body(Kind.ERROR, 6), {
      code: "UNKNOWN_OPERATION",
      message: "Cannot call: nothing is callable here",
      retryable: false,
    });
  });
});

Deno.test("a CALL goes to its handler, and its RESULT to what expects it", async () => {
  const call = (frame: Frame, to: Channel) => {
    const at = to.outbox.reserve(Kind.RESULT, 0, 0, frame.id, 4);
    to.outbox.view.setInt32(at, frame.view.getInt32(frame.start + 4, true) + 1, true);
  };
  await withChannels({}, { call }, async (left) => {
    const result = Promise.withResolvers<Uint8Array>();
    const id = left.expect({
      answer: (frame) => (result.resolve(payloadOf(frame).slice()), true),
      data: () => false,
      fail: result.reject,
    });
    left.outbox.append(Kind.CALL, 0, 0, id, hex("05000000 29000000"));
    assertEquals(await result.promise, hex("2a000000"));
  });
});

Deno.test("what is abandoned fails once, with a CANCEL unless quietly", async () => {
  await withPeer({}, async (channel, peer) => {
    const errors: GhostError[] = [];
    const expected = {
      answer: () => true,
      data: () => false,
      fail: (error: GhostError) => errors.push(error),
    };
    const [first, second] = [channel.expect(expected), channel.expect(expected)];
    channel.abandon(first, new GhostError("TIME_LIMIT"), true);
    channel.abandon(second, new GhostError("CANCELLED"));
    channel.abandon(second, new GhostError("TRAP"));
    assertEquals(errors.map(({ code }) => code), ["TIME_LIMIT", "CANCELLED"]);
    const frame = await peer.next();
    assertEquals([frame?.kind, frame?.id], [Kind.CANCEL, second]);
  });
});

Deno.test("a CANCEL of what is no request is told to the one who answers calls", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  await withPeer({ cancel: resolve }, async (_, peer) => {
    await peer.send(frameBytes(Kind.CANCEL, { id: 77 }));
    assertEquals(await promise, 77);
  });
});
