/** A channel whose other side errs, lies or does not read, each case by name. */
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import type { Body } from "../../../gmp/frames/body.ts";
import { Channel } from "../../../gmp/channel/channel.ts";
import { type ErrorCode, GhostError } from "../../../gmp/errors.ts";
import { Flag, Kind } from "../../../gmp/frames/frame.ts";
import type { IncomingRequest } from "../../../gmp/channel/incoming.ts";
import { memoryPair } from "../../../gmp/transports/memory.ts";
import { OPERATIONS } from "../../../gmp/messages/operations.ts";
import { authenticated, concat, frameBytes, hex, Peer, seeded, withPeer } from "../_wire.ts";

const STATUS = OPERATIONS["session.cancel"];
const handlers = {
  "session.cancel": ({ body }: IncomingRequest): Body => body,
  "call.cancel": () => new Promise<Body>(() => {}),
};

const FATAL: [name: string, bytes: Uint8Array, code: ErrorCode, message: string][] = [
  ["unknown_kind", frameBytes(99), "BAD_REQUEST", "its kind is 99"],
  ["second_handshake", frameBytes(Kind.PROOF, { payload: {} }), "BAD_REQUEST", "kind 2 is not allowed now"],
  ["bad_flags", frameBytes(Kind.PING, { flags: 64 }), "BAD_REQUEST", "its flags are 64"],
  [
    "operation_on_reply",
    frameBytes(Kind.REPLY, { operation: 1, id: 1 }),
    "BAD_REQUEST",
    "kind 5 has an operation",
  ],
  ["too_large", frameBytes(Kind.DATA, { length: 0x7fffffff }), "PAYLOAD_TOO_LARGE", "2147483647 bytes"],
  ["http_request", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"), "BAD_REQUEST", "its kind is 47"],
  [
    "request_id_in_use",
    concat(
      ...[1, 2].map(() =>
        frameBytes(Kind.REQUEST, { operation: OPERATIONS["call.cancel"], id: 4, payload: {} })
      ),
    ),
    "BAD_REQUEST",
    "id 4 is in use",
  ],
  [
    "request_under_id_0",
    frameBytes(Kind.REQUEST, { operation: OPERATIONS["session.cancel"], payload: {} }),
    "BAD_REQUEST",
    "its id is 0",
  ],
  ["call_under_id_0", frameBytes(Kind.CALL), "BAD_REQUEST", "its id is 0"],
  ["notice_not_a_map", frameBytes(Kind.NOTICE, { payload: hex("c0") }), "BAD_REQUEST", "it is not a map"],
  [
    "reply_not_a_map",
    frameBytes(Kind.REPLY, { id: 1, payload: hex("c0") }),
    "BAD_REQUEST",
    "it is not a map",
  ],
  ["result_of_a_request", frameBytes(Kind.RESULT, { id: 1 }), "BAD_REQUEST", "it is not a REPLY"],
];

for (const [name, bytes, code, message] of FATAL) {
  Deno.test(`${name}: an ERROR about the connection, then its end, and all that waits fails`, async () => {
    await withPeer({ handlers }, async (channel, peer) => {
      const failing = assertRejects(() => channel.request("session.cancel"), GhostError, message);
      await peer.next();
      await peer.send(bytes, frameBytes(Kind.REQUEST, { operation: STATUS, id: 9, payload: {} }));
      const error = await peer.body(Kind.ERROR, 0);
      assertEquals(error.code, code);
      assert(String(error.message).includes(message), String(error.message));
      assertEquals(await peer.next(), null);
      await failing;
      assertEquals((await channel.closed)?.code, code);
    });
  });
}

Deno.test("error_about_the_connection: it ends with what the other side said", async () => {
  await withPeer({}, async (channel, peer) => {
    const failing = assertRejects(() => channel.request("session.cancel"), GhostError, "Cannot go on");
    await peer.send(
      frameBytes(Kind.ERROR, { payload: { code: "TOO_MANY_CONNECTIONS", message: "Cannot go on" } }),
    );
    assertEquals((await failing).code, "TOO_MANY_CONNECTIONS");
    assertEquals((await channel.closed)?.code, "TOO_MANY_CONNECTIONS");
  });
});

Deno.test("error_without_meaning: it is BAD_REQUEST for the one who asked, and for no one else", async () => {
  await withPeer({}, async (channel, peer) => {
    const asking = assertRejects(() => channel.request("session.cancel"), GhostError);
    const { id } = (await peer.next())!;
    await peer.send(frameBytes(Kind.ERROR, { id, payload: hex("ff") }));
    assertEquals((await asking).code, "BAD_REQUEST");
    assert(channel.open);
  });
});

Deno.test("request_not_a_map: BAD_REQUEST for it alone", async () => {
  await withPeer({ handlers }, async (_, peer) => {
    for (const payload of [hex(""), hex("c0"), hex("81"), hex("81 a9 5f5f70726f746f5f5f c0")]) {
      await peer.send(frameBytes(Kind.REQUEST, { operation: STATUS, id: 3, payload }));
      assertEquals((await peer.body(Kind.ERROR, 3)).code, "BAD_REQUEST");
    }
    await peer.send(frameBytes(Kind.REQUEST, { operation: STATUS, id: 3, payload: { id: 1 } }));
    assertEquals(await peer.body(Kind.REPLY, 3), { id: 1 });
  });
});

Deno.test("unknown_operation: whatever its number and its payload", async () => {
  await withPeer({ handlers }, async (_, peer) => {
    for (const operation of [0, 999, 0xffff, OPERATIONS["gpmd.kill"]]) {
      await peer.send(frameBytes(Kind.REQUEST, { operation, id: 3, payload: hex("c0") }));
      assertEquals((await peer.body(Kind.ERROR, 3)).code, "UNKNOWN_OPERATION");
    }
  });
});

Deno.test("nobodys_answer: REPLY, RESULT, ERROR, DATA and CANCEL for no question are ignored", async () => {
  await withPeer({}, async (channel, peer) => {
    await peer.send(
      ...[Kind.REPLY, Kind.RESULT, Kind.ERROR, Kind.DATA, Kind.CANCEL].map((kind) =>
        frameBytes(kind, { id: 12345, payload: hex("c0") })
      ),
      frameBytes(Kind.PING),
    );
    assertEquals((await peer.next())?.kind, Kind.PONG);
    assert(channel.open);
  });
});

Deno.test("answered_twice: the second answer is nobody's", async () => {
  await withPeer({}, async (channel, peer) => {
    const asking = channel.request("session.cancel");
    const { id } = (await peer.next())!;
    await peer.send(
      ...[1, 2].map((i) => frameBytes(Kind.REPLY, { id, payload: { i } })),
      frameBytes(Kind.PING),
    );
    assertEquals(await asking, { i: 1 });
    assertEquals((await peer.next())?.kind, Kind.PONG);
  });
});

Deno.test("too_many_requests: over 1,024 under way are refused, and a place that is free is used", async () => {
  const answers: ((body: Body) => void)[] = [];
  const held = () => new Promise<Body>((resolve) => answers.push(resolve));
  await withPeer({ handlers: { "session.cancel": held } }, async (channel, peer) => {
    const request = (id: number) => frameBytes(Kind.REQUEST, { operation: STATUS, id, payload: {} });
    await peer.send(...Array.from({ length: 1025 }, (_, i) => request(i + 1)));
    assertEquals((await peer.body(Kind.ERROR, 1025)).code, "TOO_MANY_REQUESTS");
    answers[0]!({ i: 1 });
    await peer.body(Kind.REPLY, 1);
    await peer.send(request(1026), frameBytes(Kind.PING));
    assertEquals((await peer.next())?.kind, Kind.PONG);
    assertEquals([answers.length, channel.open], [1025, true]);
    for (const answer of answers) answer({});
  });
});

for (
  const [what, writes] of Object.entries({
    answers: Array.from(
      { length: 330 },
      (_, i) => frameBytes(Kind.REQUEST, { operation: STATUS, id: i + 1, payload: {} }),
    ),
    pongs: Array<Uint8Array>(270).fill(
      concat(...Array<Uint8Array>(1000).fill(frameBytes(Kind.PING, { payload: new Uint8Array(256) }))),
    ),
  })
) {
  Deno.test(`never_reads: a side that lets 64 MiB of ${what} wait is given up`, async () => {
    const large = { "session.cancel": () => ({ bytes: new Uint8Array(200 * 1024) }) };
    await withPeer({ handlers: large }, async (channel, peer) => {
      for (const bytes of writes) await peer.send(bytes).catch(() => {});
      const error = await channel.closed;
      assertEquals(error?.code, "CONNECTION_LOST");
      assertEquals(error?.message, "Cannot answer: the other side does not read its answers");
    });
  });
}

Deno.test("never_reads: close ends within a second or so all the same", async () => {
  const [one] = memoryPair();
  const channel = new Channel(authenticated(one));
  void channel.sendData(1, new Uint8Array(1 << 20), 0);
  const began = performance.now();
  await channel.close();
  assertLess(performance.now() - began, 3000);
  assertEquals((await channel.closed)?.message, "Cannot close: the other side does not read");
});

seeded(
  "random frames end the connection or leave it fit for work, and never hurt the process",
  async (random) => {
    for (let round = 0; round < 150; round++) {
      const [one, other] = memoryPair();
      const channel = new Channel(authenticated(one), { handlers });
      const peer = new Peer(other);
      const asking = channel.request("session.cancel").catch((error) => assert(error instanceof GhostError));
      for (let count = random.below(20); count > 0; count--) {
        const kind = random.below(30) === 0 ? random.below(256) : random.of(Object.values(Kind).slice(3));
        await peer.send(frameBytes(kind, {
          flags: random.below(40) === 0 ? random.below(256) : random.of([0, Flag.MORE, Flag.STDOUT]),
          operation: kind === Kind.REQUEST ? random.of(Object.values(OPERATIONS)) : 0,
          id: random.below(4),
          payload: random.of([hex(""), hex("80"), hex("81 a161 01"), random.bytes(random.below(40))]),
        })).catch(() => {});
      }
      await peer.send(frameBytes(Kind.PING, { id: 1000 })).catch(() => {});
      let frame = await peer.next().catch(() => null);
      while (frame !== null && !(frame.kind === Kind.PONG && frame.id === 1000)) {
        frame = await peer.next().catch(() => null);
      }
      assertEquals(frame !== null, channel.open);
      other.close();
      await channel.closed;
      await asking;
      assertEquals(channel.pendingCount, 0);
    }
  },
);
