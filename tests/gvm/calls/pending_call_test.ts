// What becomes of a call whose output cannot be delivered, before and after it is answered.
import { assertEquals, assertStrictEquals } from "@std/assert";
import type { GhostError } from "../../../gmp/errors.ts";
import { Flag, Kind } from "../../../gmp/frames/frame.ts";
import { prepareFunction } from "../../../gvm/calls/function_codec.ts";
import { PendingCall } from "../../../gvm/calls/pending_call.ts";
import { SessionConnection } from "../../../gvm/calls/session_connection.ts";
import { frameBytes, type Peer, withPeer } from "../../gmp/_wire.ts";
import { assertFails } from "../harness.ts";

const FULL = new Error("the disk is full");
const LINE = { flags: Flag.STDOUT, payload: new TextEncoder().encode("a line\n") };

/** A call of `f() -> stream<u8>` under way, whose output cannot be delivered; `stopped` are the ids that were. */
async function calling(steps: (call: PendingCall, peer: Peer, stopped: number[]) => Promise<void>) {
  await withPeer({}, async (channel, peer) => {
    const connection = new SessionConnection(channel, "an executor", false, undefined);
    const signature = { parameters: [], types: [["stream", "u8"]], result: 0 } as const;
    const codec = prepareFunction("f", signature, { hash: "0" });
    const call = new PendingCall(codec, () => {
      throw FULL;
    }, connection);
    const stopped: number[] = [];
    call.stop = () => stopped.push(call.id);
    const prepared = codec.prepare([], connection, call);
    call.id = channel.expect(call);
    call.streams!.begin(call.id);
    codec.send(channel, call.id, 7, prepared);
    assertEquals((await peer.next())?.kind, Kind.CALL);
    await steps(call, peer, stopped);
    await call.streams!.over;
    assertEquals(stopped, [call.id]);
  });
}

Deno.test("output that cannot be delivered fails a call with what its callback threw", async () => {
  await calling(async (call, peer, stopped) => {
    await peer.send(frameBytes(Kind.DATA, { id: call.id, ...LINE }));
    const error: GhostError = await assertFails("CANCELLED", call.promise);
    assertStrictEquals(error.cause, FULL);
    assertEquals(stopped, [call.id]);
  });
});

Deno.test("output that cannot be delivered after a call has returned ends its streams", async () => {
  await calling(async (call, peer) => {
    const first = Uint8Array.of(1, 0x80); // the first stream of who answers
    await peer.send(frameBytes(Kind.RESULT, { id: call.id, payload: first }));
    const stream = await call.promise as unknown as ReadableStream<Uint8Array>;
    const read = stream.getReader().read();
    await peer.send(frameBytes(Kind.DATA, { id: call.id, ...LINE }));
    assertStrictEquals((await assertFails("CANCELLED", read)).cause, FULL);
  });
});
