// CALLs and RESULTs that are longer than a frame.
import { assert, assertEquals } from "@std/assert";
import type { Channel } from "../../../gmp/channel/channel.ts";
import { MAX_GATHERED_BYTES } from "../../../gmp/channel/gathering.ts";
import { WHOLE_VALUES } from "../../../gmp/channel/value_sender.ts";
import { CONNECTION_BUDGET } from "../../../gmp/frames/budget.ts";
import { type Frame, payloadOf } from "../../../gmp/frames/decoder.ts";
import type { GhostError } from "../../../gmp/errors.ts";
import { readError } from "../../../gmp/frames/error_payload.ts";
import { DATA_CAP, Flag, Kind } from "../../../gmp/frames/frame.ts";
import type { Pending } from "../../../gmp/channel/pending.ts";
import {
  concat,
  frameBytes,
  hex,
  type Peer,
  Random,
  type WireFrame,
  withChannels,
  withPeer,
} from "../_wire.ts";

/** A call whose RESULT is a copy of the payload. */
class Call implements Pending {
  readonly #settle = Promise.withResolvers<{ bytes: Uint8Array; isOwned: boolean }>();
  readonly promise = this.#settle.promise;
  readonly output: number[] = [];

  data(bytes: Uint8Array): boolean {
    this.output.push(...bytes);
    return false;
  }

  answer(frame: Frame): boolean {
    this.#settle.resolve({ bytes: payloadOf(frame).slice(), isOwned: frame.isOwned });
    return true;
  }

  fail(error: GhostError): void {
    this.#settle.reject(error);
  }
}

const echo = {
  call: (frame: Frame, channel: Channel) => channel.sendResult(frame.id, payloadOf(frame).slice()),
};

function call(channel: Channel, payload: Uint8Array): Call {
  const pending = new Call();
  channel.sendCall(channel.expect(pending), payload);
  return pending;
}

Deno.test("values of any length come out as they went in, many at once", async () => {
  await withChannels({}, echo, async (client) => {
    const random = new Random(7);
    const lengths = [
      0,
      4,
      WHOLE_VALUES,
      WHOLE_VALUES + 1,
      WHOLE_VALUES + DATA_CAP,
      WHOLE_VALUES + DATA_CAP + 1,
      1 << 24,
    ];
    const payloads = [...lengths, ...lengths].map((length) => {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += 1 + random.below(5000)) bytes[at] = random.below(256);
      return bytes;
    });
    const results = await Promise.all(payloads.map((payload) => call(client, payload).promise));
    for (const [i, { bytes, isOwned }] of results.entries()) {
      assert(bytes.length === payloads[i]!.length && bytes.every((byte, at) => byte === payloads[i]![at]));
      assertEquals(isOwned, bytes.length > WHOLE_VALUES);
    }
  });
});

Deno.test("a long CALL is a frame with MORE, and DATA under its id", async () => {
  await withPeer({}, async (channel, peer: Peer) => {
    const payload = new Random(3).bytes(WHOLE_VALUES + 3);
    const pending = call(channel, payload);
    const frames: WireFrame[] = [];
    do frames.push((await peer.next())!); while ((frames.at(-1)!.flags & Flag.MORE) !== 0);
    assert(frames.length > 1);
    assertEquals(
      frames.map(({ kind, id }) => [kind, id]),
      frames.map((_, i) => [i === 0 ? Kind.CALL : Kind.DATA, 1]),
    );
    assertEquals(concat(...frames.map((frame) => frame.payload)), payload);
    // A RESULT in the same form, with output among its pieces.
    await peer.send(
      frameBytes(Kind.RESULT, { flags: Flag.MORE, id: 1, payload: hex("0102") }),
      frameBytes(Kind.DATA, { flags: Flag.STDOUT, id: 1, payload: hex("aa") }),
      frameBytes(Kind.DATA, { flags: Flag.MORE, id: 1, payload: hex("") }),
      frameBytes(Kind.DATA, { flags: Flag.MORE, id: 1, payload: hex("03") }),
      frameBytes(Kind.DATA, { id: 1, payload: hex("04") }),
    );
    assertEquals(await pending.promise, { bytes: hex("01020304"), isOwned: true });
    assertEquals(pending.output, [0xaa]);
  });
});

/** Sends to a channel that echoes; the error with which a call is refused. */
async function refusal(peer: Peer, id: number): Promise<string> {
  for (;;) {
    const frame = await peer.next();
    if (frame?.kind === Kind.ERROR && frame.id === id) return readError(frame.payload).code;
    assertEquals(frame?.kind, Kind.RESULT);
  }
}

Deno.test("a CALL that is too long is refused, what it had is given back, and others go on", async () => {
  await withPeer(echo, async (channel, peer: Peer) => {
    const piece = frameBytes(Kind.DATA, { flags: Flag.MORE, id: 1, payload: new Uint8Array(DATA_CAP) });
    await peer.send(frameBytes(Kind.CALL, { flags: Flag.MORE, id: 1, payload: hex("00") }));
    for (let sent = 0; sent <= MAX_GATHERED_BYTES; sent += DATA_CAP) await peer.send(piece);
    assertEquals(await refusal(peer, 1), "PAYLOAD_TOO_LARGE");
    assert(channel.budget.held < 4 * DATA_CAP, `${channel.budget.held} bytes are held`);
    await peer.send(piece, frameBytes(Kind.CALL, { id: 2, payload: hex("07") }));
    assertEquals((await peer.next())?.payload, hex("07"));
  });
});

Deno.test("CALLs that never end are bounded in sum, and refused beyond that", async () => {
  await withPeer(echo, async (channel, peer: Peer) => {
    let id = 0;
    const begin = () =>
      frameBytes(Kind.CALL, { flags: Flag.MORE, id: ++id, payload: new Uint8Array(1 << 18) });
    while (id < CONNECTION_BUDGET / DATA_CAP + 8) await peer.send(begin());
    const first = (await peer.next())!;
    assertEquals([first.kind, readError(first.payload).code], [Kind.ERROR, "TOO_MANY_REQUESTS"]);
    assert(first.id > 32 && first.id <= CONNECTION_BUDGET / DATA_CAP, `${first.id} were taken`);
    assert(channel.budget.held <= CONNECTION_BUDGET);
  });
});

Deno.test("a CALL under an id of which more is to come ends the connection", async () => {
  await withPeer(echo, async (_channel, peer: Peer) => {
    const more = frameBytes(Kind.CALL, { flags: Flag.MORE, id: 5, payload: hex("00") });
    await peer.send(more, more);
    assertEquals(await refusal(peer, 0), "BAD_REQUEST");
    assertEquals((await peer.next())?.kind ?? null, null);
  });
});

Deno.test("CANCEL of a CALL of which more is to come is answered, and the rest ignored", async () => {
  await withPeer(echo, async (channel, peer: Peer) => {
    await peer.send(
      frameBytes(Kind.CALL, { flags: Flag.MORE, id: 5, payload: hex("00") }),
      frameBytes(Kind.CANCEL, { id: 5 }),
      frameBytes(Kind.DATA, { id: 5, payload: hex("00") }),
    );
    assertEquals(await refusal(peer, 5), "CANCELLED");
    await peer.send(frameBytes(Kind.CALL, { id: 6, payload: hex("07") }));
    assertEquals((await peer.next())?.payload, hex("07"));
    assert(channel.budget.held < DATA_CAP);
  });
});

Deno.test("a RESULT that is too long fails its call, and nobody else's", async () => {
  await withPeer({}, async (channel, peer: Peer) => {
    const [one, other] = [call(channel, hex("00")), call(channel, hex("00"))];
    await peer.send(frameBytes(Kind.RESULT, { flags: Flag.MORE, id: 1, payload: hex("00") }));
    const piece = frameBytes(Kind.DATA, { flags: Flag.MORE, id: 1, payload: new Uint8Array(DATA_CAP) });
    const failed = one.promise.catch((error: GhostError) => error.code);
    for (let sent = 0; sent <= MAX_GATHERED_BYTES; sent += DATA_CAP) await peer.send(piece);
    assertEquals(await failed, "PAYLOAD_TOO_LARGE");
    await peer.send(frameBytes(Kind.RESULT, { id: 2, payload: hex("07") }));
    assertEquals((await other.promise).bytes, hex("07"));
  });
});

Deno.test("a side that reads no results is called no further, and costs a bounded amount", async () => {
  let calls = 0;
  const large = new Uint8Array(1 << 22);
  const options = {
    call: (frame: Frame, channel: Channel) => {
      calls++;
      channel.sendResult(frame.id, large);
    },
  };
  await withPeer(options, async (channel, peer: Peer) => {
    // 64 calls in one piece, and no result is read.
    const calls64 = Array.from(
      { length: 64 },
      (_, i) => frameBytes(Kind.CALL, { id: i + 1, payload: hex("00") }),
    );
    await peer.send(...calls64);
    await new Promise((resolve) => setImmediate(resolve));
    assertEquals(calls, 1);
    assert(channel.budget.held < 2 * large.length, `${channel.budget.held} bytes`);
    // Once it reads, everything comes.
    const lengths = new Map<number, number>();
    while ([...lengths.values()].filter((length) => length === large.length).length < 64) {
      const frame = (await peer.next())!;
      lengths.set(frame.id, (lengths.get(frame.id) ?? 0) + frame.payload.length);
    }
    assertEquals([lengths.size, calls], [64, 64]);
  });
});
