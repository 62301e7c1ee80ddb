/** A handshake with a side that lies, errs or leaves, each case by name. */
import { assertEquals, assertRejects } from "@std/assert";
import { NotGmpError } from "../../../gmp/frames/decoder.ts";
import type { ErrorCode } from "../../../gmp/errors.ts";
import { Kind } from "../../../gmp/frames/frame.ts";
import { KEY_BYTES, newKey, SECRET_KEY_NAME } from "../../../gmp/handshake/keys.ts";
import { memoryPair } from "../../../gmp/transports/memory.ts";
import { readBytes, type Transport, writeBytes } from "../../../gmp/transports/transport.ts";
import {
  accept,
  assertEnds,
  assertRefused,
  challenge,
  challenged,
  connect,
  KEY,
  macOf,
  NONCE,
  preface,
  proof,
  test,
} from "../_handshake.ts";
import { assertFails, concat, frameBytes, hex, Peer, RecordingTransport } from "../_wire.ts";

test("wrong_secret: both sides fail with UNAUTHENTICATED", async (client, server) => {
  const accepting = assertFails(accept(server), "UNAUTHENTICATED");
  await assertFails(connect(client, { key: new Uint8Array(KEY_BYTES).fill(8) }), "UNAUTHENTICATED");
  await accepting;
  await assertFails(readBytes(client), "CONNECTION_LOST"); // it has closed
});

test("unknown_key: it looks the same as a wrong secret", async (client, server) => {
  const answers = await Promise.all(
    [[client, server, "nobody"], [...memoryPair(), SECRET_KEY_NAME]].map(async (parts) => {
      const [one, other, name] = parts as [Transport, Transport, string];
      const accepting = assertFails(accept(other), "UNAUTHENTICATED");
      const peer = new Peer(one);
      await peer.send(proof(await challenged(peer), newKey(), name));
      const answer = await peer.next();
      await assertEnds(peer);
      await accepting;
      return answer;
    }),
  );
  assertEquals(answers[0]?.kind, Kind.ERROR);
  assertEquals(answers[0], answers[1]);
});

test("right_mac_for_an_unknown_key: the server has no key that would fit", async (client, server) => {
  const peer = new Peer(client);
  const accepting = accept(server);
  accepting.catch(() => {});
  await peer.send(proof(await challenged(peer), new Uint8Array(KEY_BYTES), "nobody"));
  await assertRefused(peer, accepting, "UNAUTHENTICATED");
});

test("wrong_role: the client goes away before it proves anything", async (client, server) => {
  const accepting = assertFails(accept(server, { audience: "node/1" }), "UNAUTHENTICATED");
  const recorded = new RecordingTransport(client);
  await assertFails(connect(recorded), "UNAUTHENTICATED", "Cannot connect: the other side is not a gpmd");
  await accepting;
  assertEquals(recorded.writes[0], preface);
  assertEquals(recorded.writes.slice(1).map((bytes) => bytes[4]), [Kind.ERROR]);
});

test("wrong_audience: a proof for one server is worth nothing to another", async (client, server) => {
  const pairs = [
    ["gpmd/commands", "gpmd/nodes", client, server],
    ["node/1", "node/12", ...memoryPair()],
    ["executor/12", "executor/1", ...memoryPair()],
  ] as const;
  for (const [meant, there, one, other] of pairs) {
    const accepting = assertFails(accept(other, { audience: there }), "UNAUTHENTICATED");
    const connecting = connect(one, { audience: meant });
    await assertFails(connecting, "UNAUTHENTICATED", "did not prove that it knows the secret");
    await accepting;
  }
});

test(
  "squatter: a server without the secret is UNAUTHENTICATED and learns a nonce and a MAC",
  async (client, server) => {
    const peer = new Peer(server);
    const recorded = new RecordingTransport(client);
    const connecting = connect(recorded);
    const failing = assertFails(connecting, "UNAUTHENTICATED", "did not prove that it knows the secret");
    assertEquals(await readBytes(server), preface);
    await peer.send(frameBytes(Kind.CHALLENGE, { payload: { nonce: NONCE, role: "gpmd", software: "" } }));
    const sent = await peer.body(Kind.PROOF);
    assertEquals(Object.keys(sent), ["nonce", "key", "mac"]);
    await peer.send(frameBytes(Kind.WELCOME, { payload: { mac: newKey() } }));
    await failing;
    assertEquals(recorded.writes.length, 3);
    assertEquals((await peer.body(Kind.ERROR)).code, "UNAUTHENTICATED");
    await assertEnds(peer);
    const said = concat(...recorded.writes).toHex();
    assertEquals(said.includes(KEY.toHex()), false);
  },
);

test("reflection: the client's own MAC is no WELCOME", async (client, server) => {
  const peer = new Peer(server);
  const recorded = new RecordingTransport(client);
  const failing = assertFails(connect(recorded), "UNAUTHENTICATED");
  const nonce = await challenge(peer);
  // The PROOF ends with its MAC.
  const mac = recorded.writes[1]!.slice(-KEY_BYTES);
  assertEquals(mac, macOf("gmp/2 client", NONCE, nonce));
  await peer.send(frameBytes(Kind.WELCOME, { payload: { mac } }));
  await failing;
});

test("replay: a recorded PROOF is worth nothing on another connection", async (client, server) => {
  const [one, other] = memoryPair();
  const recorded = new RecordingTransport(one);
  await Promise.all([accept(other), connect(recorded)]);
  const peer = new Peer(client);
  const accepting = accept(server);
  accepting.catch(() => {});
  await challenged(peer);
  await peer.send(recorded.writes[1]!);
  await assertRefused(peer, accepting, "UNAUTHENTICATED");
});

test("relay: a PROOF made for another port is refused", async (client, server) => {
  const accepting = assertFails(accept(server, { port: 1111 }), "UNAUTHENTICATED");
  await assertFails(connect(client, { port: 5989 }), "UNAUTHENTICATED");
  await accepting;
});

test("bad_preface: garbage is closed without an answer", async (client, server) => {
  const accepting = assertRejects(() => accept(server), NotGmpError);
  await writeBytes(client, hex("16 03 01 02 00 01"));
  await assertEnds(new Peer(client));
  await accepting;
});

test("http_request: it is closed without an answer", async (client, server) => {
  const accepting = assertRejects(() => accept(server), NotGmpError);
  await writeBytes(
    client,
    new TextEncoder().encode("POST / HTTP/1.1\r\nHost: localhost:1111\r\n\r\n" + "x".repeat(2000)),
  );
  await assertEnds(new Peer(client));
  await accepting;
});

test("hang_up: before, in and after the preface", async (client, server) => {
  for (const said of [hex(""), hex("47 4d")]) {
    const [one, other] = memoryPair();
    const accepting = assertRejects(() => accept(other), NotGmpError);
    await writeBytes(one, said);
    one.close();
    await accepting;
  }
  const accepting = assertFails(accept(server), "CONNECTION_LOST");
  await challenged(new Peer(client));
  client.close();
  await accepting;
});

test("hang_up: of the server, in place of a CHALLENGE or a WELCOME", async (client, server) => {
  const peer = new Peer(server);
  const connecting = assertFails(connect(client), "CONNECTION_LOST");
  await challenge(peer);
  server.close();
  await connecting;
});

test("too_large: a frame over 1 KiB before WELCOME", async (client, server) => {
  const peer = new Peer(client);
  const accepting = accept(server);
  accepting.catch(() => {});
  await challenged(peer);
  await peer.send(frameBytes(Kind.PROOF, { payload: new Uint8Array(1025) }));
  await assertRefused(peer, accepting, "PAYLOAD_TOO_LARGE");
});

test("kind_not_allowed_before_welcome: a REQUEST in place of the PROOF", async (client, server) => {
  const peer = new Peer(client);
  const accepting = accept(server);
  accepting.catch(() => {});
  await challenged(peer);
  await peer.send(frameBytes(Kind.REQUEST, { operation: 17, id: 1, payload: {} }));
  await assertRefused(peer, accepting, "BAD_REQUEST");
});

test("too_soon: a PROOF in the same breath as the preface", async (client, server) => {
  const peer = new Peer(client);
  const accepting = accept(server);
  accepting.catch(() => {});
  await peer.send(preface, proof(NONCE));
  await assertRefused(peer, accepting, "BAD_REQUEST");
});

const PROOFS: [name: string, bytes: Uint8Array][] = [
  ["not_a_map", frameBytes(Kind.PROOF, { payload: hex("93 00 00 00") })],
  ["empty", frameBytes(Kind.PROOF)],
  ["without_mac", frameBytes(Kind.PROOF, { payload: { nonce: NONCE, key: "secret" } })],
  [
    "short_mac",
    frameBytes(Kind.PROOF, { payload: { nonce: NONCE, key: "secret", mac: new Uint8Array(31) } }),
  ],
  ["long_nonce", frameBytes(Kind.PROOF, { payload: { nonce: KEY, key: "secret", mac: KEY } })],
  ["mac_as_text", frameBytes(Kind.PROOF, { payload: { nonce: NONCE, key: "secret", mac: "0".repeat(32) } })],
  [
    "key_of_65_characters",
    frameBytes(Kind.PROOF, { payload: { nonce: NONCE, key: "k".repeat(65), mac: KEY } }),
  ],
  ["welcome_in_place_of_proof", frameBytes(Kind.WELCOME, { payload: { mac: KEY } })],
];

for (const [name, bytes] of PROOFS) {
  Deno.test(`a PROOF that is malformed, ${name}: BAD_REQUEST`, async () => {
    const [client, server] = memoryPair();
    const peer = new Peer(client);
    const accepting = accept(server);
    accepting.catch(() => {});
    await challenged(peer);
    await peer.send(bytes);
    await assertRefused(peer, accepting, "BAD_REQUEST");
  });
}

const CHALLENGES: [name: string, bytes: Uint8Array, code: ErrorCode][] = [
  ["short_nonce", frameBytes(Kind.CHALLENGE, { payload: { nonce: hex("00"), role: "gpmd" } }), "BAD_REQUEST"],
  ["without_role", frameBytes(Kind.CHALLENGE, { payload: { nonce: NONCE } }), "BAD_REQUEST"],
  ["welcome_at_once", frameBytes(Kind.WELCOME, { payload: { mac: KEY } }), "BAD_REQUEST"],
  ["http_response", new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"), "BAD_REQUEST"],
  ["too_large", frameBytes(Kind.CHALLENGE, { length: 1025 }), "PAYLOAD_TOO_LARGE"],
  [
    "refused",
    frameBytes(Kind.ERROR, { payload: { code: "TOO_MANY_CONNECTIONS", message: "Cannot" } }),
    "TOO_MANY_CONNECTIONS",
  ],
];

for (const [name, bytes, code] of CHALLENGES) {
  Deno.test(`a server that answers the preface with ${name}: the client says ${code}`, async () => {
    const [client, server] = memoryPair();
    const failing = assertFails(connect(client), code);
    await readBytes(server);
    await writeBytes(server, bytes);
    await failing;
    await assertFails(readBytes(client), "CONNECTION_LOST"); // it has closed
  });
}
