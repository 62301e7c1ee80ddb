/** How a channel ends. */
import { assert, assertEquals, assertFalse, assertStrictEquals } from "@std/assert";
import type { Body } from "../../../gmp/frames/body.ts";
import { Channel, type ChannelOptions } from "../../../gmp/channel/channel.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { isOwn } from "../../../gmp/own_error.ts";
import { Flag, Kind } from "../../../gmp/frames/frame.ts";
import { memoryPair } from "../../../gmp/transports/memory.ts";
import { readBytes, writeBytes } from "../../../gmp/transports/transport.ts";
import {
  assertFails,
  authenticated,
  frameBytes,
  Held,
  Peer,
  RecordingTransport,
  withPeer,
} from "../_wire.ts";

Deno.test("close: GOODBYE after what was sent, and all that waits is CONNECTION_LOST on both sides", async () => {
  const [here, there] = [new Held(), new Held()];
  const [one, other] = memoryPair();
  const left = new Channel(authenticated(one), { handlers: { "gpmd.nodes": here.handler } });
  const heard: string[] = [];
  const right = new Channel(authenticated(other), {
    handlers: { "gpmd.nodes": there.handler },
    notice: (name) => heard.push(name),
  });
  const failing = [left, right].flatMap((side) =>
    [1, 2].map(() => assertFails(side.request("gpmd.nodes"), "CONNECTION_LOST"))
  );
  const signals = (await Promise.all([here.arrived, there.arrived])).map(({ signal }) => signal);
  left.notify("last");
  const closing = left.close();
  assertFalse(left.open);
  await Promise.all([closing, left.close(), ...failing]);
  assertEquals([await left.closed, await right.closed], [undefined, undefined]);
  assertEquals(heard, ["last"]);
  assertEquals([left.pendingCount, right.pendingCount, right.open], [0, 0, false]);
  assertEquals(signals.map(({ aborted }) => aborted), [true, true]);
});

Deno.test("close with an error: the other side ends with that error, and so do its questions", async () => {
  const [one, other] = memoryPair();
  const left = new Channel(authenticated(one), { handlers: { "gpmd.nodes": () => new Promise(() => {}) } });
  const right = new Channel(authenticated(other));
  const failing = assertFails(right.request("gpmd.nodes"), "CONNECTION_DENIED", "Cannot go on: no");
  const error = new GhostError("CONNECTION_DENIED", "Cannot go on: no");
  await left.close(error);
  assertStrictEquals(await left.closed, error);
  assertEquals((await right.closed)?.message, error.message);
  await failing;
});

Deno.test("abort: at once, with its error for all that waits", async () => {
  const [one, other] = memoryPair();
  const channel = new Channel(authenticated(one));
  const error = new GhostError("EXECUTOR_RESTARTED");
  const failing = assertFails(channel.request("gpmd.nodes"), "EXECUTOR_RESTARTED");
  channel.abort(error);
  assertStrictEquals(await channel.closed, error);
  assert(isOwn(await failing, error));
  assertEquals(await readBytes(other), null);
  channel.abort(new GhostError("TRAP"));
  await channel.close();
  assertStrictEquals(await channel.closed, error);
});

Deno.test("each question that an end fails has the lines of whoever asked it", async () => {
  const channel = new Channel(authenticated(memoryPair()[0]));
  const first = async () => await channel.request("gpmd.nodes");
  const second = async () => await channel.request("gpmd.status");
  const failing = [first, second].map((ask) => assertFails(ask(), "TRAP"));
  channel.abort(new GhostError("TRAP"));
  const stacks = (await Promise.all(failing)).map(({ stack }) => stack!);
  assertEquals(stacks.map((stack) => stack.match(/at async (first|second)/)?.[1]), ["first", "second"]);
});

/** A transport whose writes fail once it is `broken`; it is read as before. */
class Broken extends RecordingTransport {
  broken = false;

  override write(bytes: Uint8Array): Promise<number> {
    return this.broken ? Promise.reject(new Deno.errors.BrokenPipe()) : super.write(bytes);
  }
}

Deno.test("a GOODBYE that is read after a write has failed is how the connection ended", async () => {
  const [one, other] = memoryPair();
  const transport = new Broken(one);
  const channel = new Channel(authenticated(transport));
  transport.broken = true;
  const failing = assertFails(channel.request("gpmd.nodes"), "CONNECTION_LOST");
  channel.outbox.flush();
  await new Promise((resolve) => setTimeout(resolve)); // the write has failed
  assert(channel.open);
  await writeBytes(other, frameBytes(Kind.GOODBYE));
  assertEquals(await channel.closed, undefined);
  await failing;
});

Deno.test("a side that cannot be written to and says nothing is lost within a second", async () => {
  const [one] = memoryPair();
  const transport = new Broken(one);
  const channel = new Channel(authenticated(transport));
  transport.broken = true;
  const telling = setInterval(() => channel.notify("again"), 100); // each of them fails as well
  await assertFails(channel.request("gpmd.nodes"), "CONNECTION_LOST");
  clearInterval(telling);
  assertEquals((await channel.closed)?.code, "CONNECTION_LOST");
});

Deno.test("a close that the other side was ahead of ends as it was to end", async () => {
  for (const error of [undefined, new GhostError("EXECUTOR_RESTARTED")]) {
    const [one] = memoryPair();
    const transport = new Broken(one);
    const channel = new Channel(authenticated(transport));
    transport.broken = true;
    await channel.close(error);
    assertStrictEquals(await channel.closed, error);
  }
});

Deno.test("ended: one listener for many channels hears of each once, and how it ended", async () => {
  const heard: [Channel, string | undefined][] = [];
  const options: ChannelOptions = { ended: (channel, error) => void heard.push([channel, error?.code]) };
  const [one, other, third, fourth] = [...memoryPair(), ...memoryPair()];
  const channels = [one, other, third, fourth].map((end) => new Channel(authenticated(end), options));
  const [failing, told, leaving, left] = channels as [Channel, Channel, Channel, Channel];
  await failing.close(new GhostError("EXECUTOR_RESTARTED"));
  await leaving.close();
  await Promise.all(channels.map((channel) => channel.closed));
  for (const channel of channels) await channel.close();
  assertEquals(heard.length, 4);
  const codes = new Map(heard);
  assertEquals([failing, told].map((one) => codes.get(one)), ["EXECUTOR_RESTARTED", "EXECUTOR_RESTARTED"]);
  assertEquals([leaving, left].map((one) => [codes.has(one), codes.get(one)]), [
    [true, undefined],
    [true, undefined],
  ]);
});

Deno.test("leave: done when the other side has ended too", async () => {
  const [one, other] = memoryPair();
  const channel = new Channel(authenticated(one));
  let left = false;
  const leaving = channel.leave().then(() => left = true);
  assertEquals(await readBytes(other), frameBytes(Kind.GOODBYE));
  await new Promise((resolve) => setTimeout(resolve));
  assertFalse(left);
  other.close();
  await leaving;
  assertEquals(await channel.closed, undefined);
  await channel.leave();
});

Deno.test("leave: done within a second where the other side says nothing", async () => {
  const [one] = memoryPair();
  const channel = new Channel(authenticated(one));
  await channel.leave();
  assertEquals((await channel.closed)?.code, "CONNECTION_LOST");
});

Deno.test("a side that is gone without a word: CONNECTION_LOST for all that waits", async () => {
  const [one, other] = memoryPair();
  const channel = new Channel(authenticated(one));
  const failing = assertFails(channel.request("gpmd.nodes"), "CONNECTION_LOST");
  other.close();
  await failing;
  assertEquals((await channel.closed)?.code, "CONNECTION_LOST");
  assertEquals(channel.pendingCount, 0);
});

Deno.test("after the end nothing can be asked or told", async () => {
  const [one] = memoryPair();
  const recorded = new RecordingTransport(one);
  const channel = new Channel(authenticated(recorded));
  channel.abort(new GhostError("CONNECTION_LOST"));
  await assertFails(
    channel.request("gpmd.status"),
    "CONNECTION_LOST",
    "Cannot ask: the connection has ended",
  );
  channel.notify("too late");
  channel.sendError(1, new GhostError("TRAP"));
  assertEquals(channel.sendData(1, new Uint8Array(3), 0), undefined);
  await channel.close();
  assertEquals(recorded.writes, []);
});

Deno.test("keepAlive: a side that is silent for two intervals is lost", async () => {
  const [one, other] = memoryPair();
  const channel = new Channel(authenticated(one), { keepAlive: 5 });
  const failing = assertFails(channel.request("gpmd.status"), "CONNECTION_LOST");
  assertEquals((await channel.closed)?.code, "CONNECTION_LOST");
  await failing;
  let last = await readBytes(other);
  while (last !== null) last = await readBytes(other);
});

Deno.test("keepAlive: with patience a side may be silent for as many intervals in a row", async () => {
  const [one, other] = memoryPair();
  const start = performance.now();
  const channel = new Channel(authenticated(one), { keepAlive: 20, patience: 4 });
  const peer = new Peer(other);
  // The first interval counts as heard, and so does one in which anything comes.
  assertEquals((await peer.next())?.kind, Kind.PING);
  await peer.send(frameBytes(Kind.PONG, {}));
  const pings = [];
  for (let frame = await peer.next(); frame?.kind === Kind.PING; frame = await peer.next()) pings.push(frame);
  assertEquals(pings.length, 4);
  assertEquals((await channel.closed)?.code, "CONNECTION_LOST");
  assert(performance.now() - start >= 6 * 20 - 5);
});

Deno.test("keepAlive: a side that answers PINGs stays", async () => {
  await withPeer({ keepAlive: 5 }, async (channel, peer) => {
    for (let i = 0; i < 6; i++) {
      assertEquals((await peer.next())?.kind, Kind.PING);
      await peer.send(frameBytes(Kind.PONG));
    }
    assert(channel.open);
  });
});

Deno.test("keepAlive: a connection that its own side has paused is not taken for lost", async () => {
  const goOn = Promise.withResolvers<Body>();
  const mebibyte = new Uint8Array(1 << 20);
  const options = { keepAlive: 5, handlers: { "module.put": () => goOn.promise } };
  await withPeer(options, async (channel, peer) => {
    await peer.send(frameBytes(Kind.REQUEST, { flags: Flag.MORE, operation: 19, id: 5, payload: {} }));
    await peer.send(
      frameBytes(Kind.DATA, { flags: Flag.MORE, id: 5, payload: mebibyte }),
      frameBytes(Kind.DATA, { flags: Flag.MORE, id: 5, payload: mebibyte }),
    );
    // The peer is silent, and its silence is not heard.
    for (let i = 0; i < 6; i++) assertEquals((await peer.next())?.kind, Kind.PING);
    assert(channel.open);
    goOn.resolve({});
    await peer.body(Kind.REPLY, 5);
  });
});
