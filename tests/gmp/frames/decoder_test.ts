import { assert, assertEquals, assertInstanceOf, assertLess, assertStrictEquals } from "@std/assert";
import { Channel } from "../../../gmp/channel/channel.ts";
import { FrameDecoder, payloadOf } from "../../../gmp/frames/decoder.ts";
import { GhostError } from "../../../gmp/errors.ts";
import {
  DATA_CAP,
  Flag,
  HANDSHAKE_CAPS,
  Kind,
  LAST_KIND,
  PREFACE,
  SESSION_CAPS,
} from "../../../gmp/frames/frame.ts";
import { memoryPair } from "../../../gmp/transports/memory.ts";
import {
  ANY_CAPS,
  authenticated,
  concat,
  frameBytes,
  framesIn,
  hex,
  type Random,
  RecordingTransport,
  seeded,
  type WireFrame,
} from "../_wire.ts";

/** Kinds whose frames may have an operation, or the number of a stream. */
const NUMBERED: ReadonlySet<Kind> = new Set([Kind.REQUEST, Kind.DATA, Kind.ERROR, Kind.CANCEL, Kind.CREDIT]);

const PING = frameBytes(Kind.PING, { id: 5, payload: hex("aabb") });
const REQUEST = hex("0d000000 04 01 0300 07000000 81 a4 6e616d65 a6 6e6f64652d31");

function session(): FrameDecoder {
  return new FrameDecoder(SESSION_CAPS, false);
}

Deno.test("a frame has the fields of its literal bytes", () => {
  const decoder = session();
  decoder.push(REQUEST);
  const frame = decoder.next()!;
  assertEquals(
    [frame.kind, frame.flags, frame.operation, frame.id],
    [Kind.REQUEST, Flag.MORE, 3, 7],
  );
  assertEquals(payloadOf(frame), hex("81 a4 6e616d65 a6 6e6f64652d31"));
  assertEquals(frame.view.getUint8(frame.start), 0x81);
  assertEquals(frame.end - frame.start, 13);
  assertEquals(decoder.next(), undefined);
});

Deno.test("a frame that came whole is not copied", () => {
  const decoder = session();
  decoder.push(REQUEST);
  assertStrictEquals(decoder.next()!.bytes, REQUEST);
});

Deno.test("a chunk that starts inside a larger buffer is read at its own offsets", () => {
  const buffer = concat(hex("ffffffffff"), REQUEST, hex("ff"));
  const [frame] = framesIn(session(), buffer.subarray(5, 5 + REQUEST.length));
  assertEquals(frame?.payload, REQUEST.subarray(12));
});

Deno.test("an empty chunk and an empty stream hold no frame", () => {
  const decoder = session();
  assertEquals(decoder.next(), undefined);
  assertEquals(framesIn(decoder, new Uint8Array(0)), []);
  assertEquals(framesIn(decoder, PING).length, 1);
});

Deno.test("frames without a payload follow each other", () => {
  const bytes = concat(frameBytes(Kind.PING), frameBytes(Kind.GOODBYE, { id: 0xffffffff }));
  assertEquals(framesIn(session(), bytes).map(({ kind, id }) => [kind, id]), [
    [Kind.PING, 0],
    [Kind.GOODBYE, 0xffffffff],
  ]);
});

Deno.test("one byte at a time gives the frame with its last byte, not before", () => {
  const decoder = new FrameDecoder(SESSION_CAPS, true);
  const bytes = concat(PREFACE as Uint8Array, REQUEST, PING);
  const at: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    for (const _ of framesIn(decoder, bytes.slice(i, i + 1))) at.push(i);
  }
  assertEquals(at, [4 + REQUEST.length - 1, bytes.length - 1]);
});

Deno.test("several frames in a chunk come one by one, and the unfinished one waits", () => {
  const decoder = session();
  assertEquals(framesIn(decoder, concat(PING, PING, PING.subarray(0, 13))).length, 2);
  assertEquals(decoder.held, 13);
  const rest = framesIn(decoder, concat(PING.subarray(13), REQUEST));
  assertEquals(rest.map(({ kind }) => kind), [Kind.PING, Kind.REQUEST]);
  assertEquals(rest[0]?.payload, hex("aabb"));
  assertEquals(decoder.held, 0);
});

Deno.test("the pieces of a frame may be overwritten once they were pushed", () => {
  const decoder = session();
  const buffer = new Uint8Array(5);
  const frames: WireFrame[] = [];
  for (let at = 0; at < REQUEST.length; at += buffer.length) {
    const piece = REQUEST.subarray(at, at + buffer.length);
    buffer.set(piece);
    frames.push(...framesIn(decoder, buffer.subarray(0, piece.length)));
    buffer.fill(0xff);
  }
  assertEquals(frames[0]?.payload, REQUEST.subarray(12));
});

Deno.test("caps raised between two frames of a chunk hold for the second", () => {
  const decoder = new FrameDecoder(HANDSHAKE_CAPS, false);
  decoder.push(concat(frameBytes(Kind.WELCOME), PING));
  assertEquals(decoder.next()?.kind, Kind.WELCOME);
  decoder.caps = SESSION_CAPS;
  assertEquals(decoder.next()?.kind, Kind.PING);
});

/** A conversation with every kind, in one stream. */
function conversation(random: Random): Uint8Array {
  const frames: Uint8Array[] = [];
  for (let i = 0; i < 60; i++) {
    const kind = random.of(Object.values(Kind));
    const length = random.of([0, 1, 11, 12, 13, 300, 5000]);
    frames.push(frameBytes(kind, {
      flags: random.below(8),
      operation: NUMBERED.has(kind) ? random.below(0x10000) : 0,
      id: random.below(2 ** 32),
      payload: random.bytes(random.below(length + 1)),
    }));
  }
  return concat(PREFACE as Uint8Array, ...frames);
}

seeded("any split of a conversation gives the same frames", (random) => {
  for (let round = 0; round < 30; round++) {
    const bytes = conversation(random);
    const whole = framesIn(new FrameDecoder(ANY_CAPS, true), bytes);
    assertEquals(whole.length, 60);
    const decoder = new FrameDecoder(ANY_CAPS, true);
    const pieces = random.split(bytes, random.of([1, 3, 20, 400, 10_000]));
    assertEquals(pieces.flatMap((piece) => framesIn(decoder, piece)), whole);
  }
});

seeded("any split of what a channel sent gives the same frames", async (random) => {
  const [one, other] = memoryPair();
  const recorded = new RecordingTransport(one);
  const left = new Channel(authenticated(recorded));
  const right = new Channel(authenticated(other), { handlers: { "module.put": () => ({}) } });
  for (let i = 0; i < 10; i++) {
    const stream = left.stream("module.put", { name: `module-${i}`, size: i });
    void stream.send(random.bytes(random.below(5000)), true);
    void stream.send(new Uint8Array(0), false);
    left.notify("peer.expected", { ticket: random.bytes(32) });
    await stream.reply;
  }
  await left.close();
  await right.closed;
  const bytes = concat(...recorded.writes);
  const whole = framesIn(session(), bytes);
  assertEquals(whole.length, 41);
  for (const longest of [1, 5, 64, 3000]) {
    const decoder = session();
    assertEquals(random.split(bytes, longest).flatMap((piece) => framesIn(decoder, piece)), whole);
  }
});

seeded("random bytes give frames or BAD_REQUEST or PAYLOAD_TOO_LARGE, whatever the split", (random) => {
  for (let round = 0; round < 2000; round++) {
    const bytes = random.bytes(40);
    if (random.below(2) === 0) {
      bytes.set(frameBytes(1 + random.below(LAST_KIND), { length: random.below(30) }));
    }
    const results = [1, 7, 40].map((longest) => {
      const decoder = session();
      const frames: WireFrame[] = [];
      try {
        for (const piece of random.split(bytes, longest)) frames.push(...framesIn(decoder, piece));
        return "whole";
      } catch (error) {
        assertInstanceOf(error, GhostError);
        assert(error.code === "BAD_REQUEST" || error.code === "PAYLOAD_TOO_LARGE", error.code);
        return error.message;
      }
    });
    assertEquals(new Set(results).size, 1, results.join());
  }
});

Deno.test("a large frame in small pieces is moved a few times, not once for each piece", () => {
  const bytes = frameBytes(Kind.DATA, { payload: new Uint8Array(DATA_CAP) });
  const decoder = session();
  const { set } = Uint8Array.prototype;
  let moved = 0;
  Uint8Array.prototype.set = function (source: ArrayLike<number>, offset?: number) {
    moved += source.length;
    return set.call(this, source, offset);
  };
  try {
    for (let at = 0; at < bytes.length; at += 100) decoder.push(bytes.subarray(at, at + 100)), decoder.next();
  } finally {
    Uint8Array.prototype.set = set;
  }
  assertEquals(decoder.held, 0);
  assertLess(moved, 2 * bytes.length);
});

Deno.test("a small frame after a large one does not live in its memory", () => {
  const decoder = session();
  const large = frameBytes(Kind.DATA, { payload: new Uint8Array(DATA_CAP) });
  framesIn(decoder, large.subarray(0, 100));
  framesIn(decoder, large.subarray(100));
  assertEquals(framesIn(decoder, PING.subarray(0, 4)), []);
  decoder.push(PING.subarray(4));
  assertLess(decoder.next()!.bytes.buffer.byteLength, 1024);
});
