/** A CALL with a header extension, at a real executor (docs/protocol.md, "At an executor"). */
import { assertEquals } from "@std/assert";
import { type Body, encodeBody } from "../../../gmp/frames/body.ts";
import { Flag, Kind } from "../../../gmp/frames/frame.ts";
import { OPERATIONS } from "../../../gmp/messages/operations.ts";
import { dialWithTicket } from "../../../gmp/ports/dial_with_ticket.ts";
import { concat, frameBytes, Peer } from "../../gmp/_wire.ts";
import { Harness } from "../harness.ts";

/** The extension as it stands before what a CALL has else; `length` may lie. */
function extended(map: Uint8Array, rest: Uint8Array, length = map.length): Uint8Array {
  return concat(Uint8Array.of(length & 0xff, length >> 8), map, rest);
}

Deno.test("what an extension says is passed over, and what is wrong with one fails its call alone", async () => {
  await using harness = new Harness();
  const { executor, address, ticket } = await harness.pool.open({ role: "command" }, () => {}, {
    isOwn: true,
  }).place();
  const { transport } = await dialWithTicket({
    port: address.loopback,
    ticket,
    audience: `executor/${executor}`,
  });
  const peer = new Peer(transport);
  const call = (id: number, payload: Uint8Array, flags: number = Flag.EXTENDED) =>
    peer.send(frameBytes(Kind.CALL, { id, flags, payload }));
  const failure = async (id: number): Promise<Body> => await peer.body(Kind.ERROR, id);
  try {
    const asked = { module: "math", function: "add" };
    await peer.send(
      frameBytes(Kind.REQUEST, { id: 1, operation: OPERATIONS["function.resolve"], payload: asked }),
    );
    const { handle } = await peer.body(Kind.REPLY, 1);
    const rest = new Uint8Array(12);
    new Uint32Array(rest.buffer).set([handle as number, 34, 34]);

    const trace = encodeBody({
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      deadline: 5,
    });
    for (const [id, map] of [trace, encodeBody({})].entries()) {
      await call(id + 2, extended(map, rest));
      let frame = await peer.next();
      // What add prints comes first.
      while (frame?.kind === Kind.DATA) frame = await peer.next();
      assertEquals([frame?.kind, frame?.id, frame?.payload], [
        Kind.RESULT,
        id + 2,
        Uint8Array.of(68, 0, 0, 0),
      ]);
    }

    const wrong: Record<string, Uint8Array> = {
      "nothing at all": new Uint8Array(0),
      "half of a length": Uint8Array.of(2),
      "longer than the frame": extended(trace, rest, 60_000),
      "no map": extended(Uint8Array.of(0xc0), rest),
      "a map that is cut off": extended(trace.subarray(0, 9), rest),
      "no handle behind it": extended(trace, new Uint8Array(3)),
    };
    for (const [i, [what, payload]] of Object.entries(wrong).entries()) {
      await call(10 + i, payload);
      assertEquals((await failure(10 + i)).code, "BAD_REQUEST", what);
    }
    // Without the flag nothing stands before the handle.
    await call(20, extended(trace, rest), 0);
    assertEquals((await failure(20)).code, "FUNCTION_NOT_FOUND");
  } finally {
    transport.close();
  }
});
