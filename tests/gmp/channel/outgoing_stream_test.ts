import { assertEquals } from "@std/assert";
import { OutgoingBytes } from "../../../gmp/channel/outgoing_stream.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { CONNECTION_BUDGET } from "../../../gmp/frames/budget.ts";
import { readError } from "../../../gmp/frames/error_payload.ts";
import { DATA_CAP, Kind } from "../../../gmp/frames/frame.ts";
import { type Peer, withPeer } from "../_wire.ts";

Deno.test("a piece for which the connection has no room ends the stream, for its source as for the other side", async () => {
  await withPeer({}, async (channel, peer: Peer) => {
    const told: unknown[] = [];
    const ended: number[] = [];
    const source = {
      next: () => Promise.resolve(new Uint8Array(DATA_CAP + 1)),
      cancel: (reason: unknown) => void told.push(GhostError.from(reason).code),
    };
    channel.budget.take(CONNECTION_BUDGET);
    new OutgoingBytes(channel, { id: 1, ended: (number) => ended.push(number) }, 7, source).credit(1);
    const { kind, operation, payload } = (await peer.next())!;
    assertEquals([kind, operation, readError(payload).code], [Kind.ERROR, 7, "TOO_MANY_REQUESTS"]);
    assertEquals([told, ended], [["TOO_MANY_REQUESTS"], [7]]);
    channel.budget.give(CONNECTION_BUDGET);
  });
});
