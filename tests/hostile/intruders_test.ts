/** Whoever does not know the key of a port: nothing is done for them, and nothing can be learned from being refused. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { decodeBody } from "../../gmp/frames/body.ts";
import { GhostError } from "../../gmp/errors.ts";
import { Kind, SESSION_CAPS } from "../../gmp/frames/frame.ts";
import { connectHandshake } from "../../gmp/handshake/handshake.ts";
import { newKey } from "../../gmp/handshake/keys.ts";
import { OPERATIONS } from "../../gmp/messages/operations.ts";
import { TcpTransport } from "../../gmp/ports/tcp.ts";
import { readBytes, writeBytes } from "../../gmp/transports/transport.ts";
import { assertEnds, challenged, macOf, NONCE, preface } from "../gmp/_handshake.ts";
import { concat, frameBytes, Peer, RecordingTransport } from "../gmp/_wire.ts";
import { PORT_KINDS } from "./_conversation.ts";
import { type Credentials, startTarget, type Target } from "./_targets.ts";

/** Pairs of refusals that are timed. */
const SAMPLES = Number(Deno.env.get("TIMING_SAMPLES") ?? 200);
/** Rounds of them, until one cannot tell. */
const ROUNDS = 5;

async function dialled<T>(port: number, steps: (transport: TcpTransport) => Promise<T>): Promise<T> {
  const transport = new TcpTransport(await Deno.connect({ hostname: "127.0.0.1", port }));
  try {
    return await steps(transport);
  } finally {
    transport.close();
  }
}

function proofFrame(key: string, mac: Uint8Array): Uint8Array {
  return frameBytes(Kind.PROOF, { payload: { nonce: NONCE, key, mac } });
}

type Key = Uint8Array<ArrayBuffer>;

/** A proof that is none, for a nonce. */
type Wrong = (nonce: Uint8Array) => [name: string, mac: Uint8Array];

/** Every way not to know a key: the name and the MAC that are sent in answer to a nonce. */
function wrongProofs(
  { keyName, key }: Credentials,
  { port, audience }: Target,
): Record<string, Wrong> {
  const client = "gmp/2 client";
  const right = (nonce: Uint8Array) => macOf(client, nonce, NONCE, key as Key, port, audience);
  return {
    "a guess": () => [keyName, newKey()],
    "one bit wrong": (nonce) => [keyName, right(nonce).map((byte, i) => i === 31 ? byte ^ 1 : byte)],
    "the right MAC under an unknown name": (nonce) => ["nobody", right(nonce)],
    "a guess under an unknown name": () => [`ticket:${"0".repeat(32)}`, newKey()],
    "another secret": (nonce) => [keyName, macOf(client, nonce, NONCE, newKey() as Key, port, audience)],
    "another port": (nonce) => [keyName, macOf(client, nonce, NONCE, key as Key, port ^ 1, audience)],
    "another audience": (nonce) => [keyName, macOf(client, nonce, NONCE, key as Key, port, "node/other")],
    "the label of the other side": (
      nonce,
    ) => [keyName, macOf("gmp/2 server", nonce, NONCE, key as Key, port, audience)],
    "the nonces exchanged": (nonce) => [keyName, macOf(client, NONCE, nonce, key as Key, port, audience)],
  };
}

/** All that comes after the CHALLENGE in answer to a wrong proof, and how long the first of it took, in milliseconds. */
function refusal(
  port: number,
  wrong: Wrong,
): Promise<{ bytes: Uint8Array; time: number }> {
  return dialled(port, async (transport) => {
    const nonce = await challenged(new Peer(transport));
    const proof = proofFrame(...wrong(nonce));
    const began = performance.now();
    await writeBytes(transport, proof);
    const bytes = (await readBytes(transport))!.slice();
    const time = performance.now() - began;
    assertEquals(await readBytes(transport), null);
    return { bytes, time };
  });
}

async function assertEveryOperationRefused({ port }: Target): Promise<void> {
  for (const operation of Object.values(OPERATIONS)) {
    const request = frameBytes(Kind.REQUEST, { operation, id: 1, payload: { name: "math" } });
    await dialled(port, async (transport) => {
      const peer = new Peer(transport);
      await challenged(peer);
      await peer.send(request);
      assertEquals((await peer.body(Kind.ERROR, 0)).code, "BAD_REQUEST");
      await assertEnds(peer);
    });
    await dialled(port, async (transport) => {
      const peer = new Peer(transport);
      await challenged(peer);
      await peer.send(proofFrame("secret", newKey()), request);
      assertEquals((await peer.body(Kind.ERROR, 0)).code, "UNAUTHENTICATED");
      await assertEnds(peer);
    });
  }
}

async function assertAnsweredAlike(target: Target): Promise<void> {
  const { port } = target;
  const wrongs = Object.entries(wrongProofs(await target.credentials(0), target));
  const answers = await Promise.all(wrongs.map(([, wrong]) => refusal(port, wrong)));
  for (const [i, [name]] of wrongs.entries()) assertEquals(answers[i]!.bytes, answers[0]!.bytes, name);
  const error = decodeBody(answers[0]!.bytes.subarray(12));
  assertEquals(error.code, "UNAUTHENTICATED");
}

/**
 * Compares how long the refusal of a wrong MAC takes with that of an unknown name, one after the other. What tells them apart
 * does so in every round; what else the machine has to do, in some.
 */
async function assertRefusedAsFast(target: Target): Promise<void> {
  const wrongs = wrongProofs(await target.credentials(0), target);
  const told: string[] = [];
  while (told.length < ROUNDS) {
    const [one, other] = await refusalTimes(
      target,
      wrongs["a guess"]!,
      wrongs["a guess under an unknown name"]!,
    );
    if (Math.abs(one - other) < 0.05 + 0.25 * Math.min(one, other)) return;
    told.push(`a wrong MAC takes ${one} ms, an unknown name ${other} ms`);
  }
  throw new Error(told.join("; "));
}

/** The milliseconds that `port` takes to refuse one and the other, medians of as many samples. */
async function refusalTimes({ port, kind }: Target, one: Wrong, other: Wrong): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let i = 0; i < SAMPLES; i++) {
    // Which of the two is first must not matter either.
    if (i % 2 === 0) times[0].push((await refusal(port, one)).time);
    times[1].push((await refusal(port, other)).time);
    if (i % 2 !== 0) times[0].push((await refusal(port, one)).time);
  }
  const medians: [number, number] = [median(times[0]), median(times[1])];
  if (SAMPLES > 1000) {
    console.log(
      `${kind}: ${
        medians.map((time) => time.toFixed(4)).join(" ms and ")
      } ms for a wrong MAC and an unknown name`,
    );
  }
  return medians;
}

function median(times: number[]): number {
  return times.toSorted((one, other) => one - other)[times.length >> 1]!;
}

async function assertReplayRefused(target: Target): Promise<void> {
  const { port, audience } = target;
  const credentials = await target.credentials(0);
  const writes = await dialled(port, async (transport) => {
    const recorded = new RecordingTransport(transport);
    await connectHandshake(recorded, { ...credentials, port, audience, caps: SESSION_CAPS });
    return recorded.writes;
  });
  await dialled(port, async (transport) => {
    const peer = new Peer(transport);
    await peer.send(writes[0]!);
    await peer.body(Kind.CHALLENGE);
    await peer.send(writes[1]!);
    assertEquals((await peer.body(Kind.ERROR, 0)).code, "UNAUTHENTICATED");
    await assertEnds(peer);
  });
}

/** A program that passes on what comes to its port to the real one, and back. */
async function assertRelayRefused(target: Target): Promise<void> {
  const credentials = await target.credentials(0);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const relaying = relay(listener, target.port);
  await dialled(port, async (transport) => {
    const options = { ...credentials, port, audience: target.audience, caps: SESSION_CAPS };
    const error = await assertRejects(() => connectHandshake(transport, options), GhostError);
    assertEquals(error.code, "UNAUTHENTICATED");
  });
  const heard = concat(...await relaying).toHex();
  assert(heard.includes(preface.toHex()));
  assert(!heard.includes(credentials.key.toHex()), "the key crossed the wire");
}

/** Passes one connection on; returns what its client said. */
async function relay(listener: Deno.TcpListener, port: number): Promise<Uint8Array[]> {
  using client = await listener.accept();
  using server = await Deno.connect({ hostname: "127.0.0.1", port });
  const heard: Uint8Array[] = [];
  await Promise.all([pass(client, server, heard), pass(server, client, [])]);
  return heard;
}

async function pass(from: Deno.Conn, to: Deno.Conn, heard: Uint8Array[]): Promise<void> {
  const buffer = new Uint8Array(4096);
  for (;;) {
    const count = await from.read(buffer).catch(() => null);
    if (count === null) break;
    heard.push(buffer.slice(0, count));
    await to.write(buffer.subarray(0, count)).catch(() => {});
  }
  await to.closeWrite().catch(() => {});
}

/** What a page in a browser can send: requests and WebSockets, with frames of GMP as their bodies. */
async function assertPagesUnanswered({ port }: Target): Promise<void> {
  const gmp = concat(
    preface,
    proofFrame("secret", newKey()),
    frameBytes(Kind.REQUEST, { operation: 17, id: 1 }),
  );
  for (const scheme of ["http", "https"]) {
    for (const method of ["POST", "PUT", "GMP"]) {
      await assertRejects(() => fetch(`${scheme}://127.0.0.1:${port}/`, { method, body: gmp }), TypeError);
    }
  }
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.onopen = () => resolve("open");
  socket.onerror = () => resolve("error");
  assertEquals(await promise, "error");
  // And not a byte of an answer, of any kind.
  const head =
    `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nContent-Length: ${gmp.length}\r\n\r\n`;
  await dialled(port, async (transport) => {
    await writeBytes(transport, concat(new TextEncoder().encode(head), gmp));
    await assertEnds(new Peer(transport));
  });
}

const CHECKS: Record<string, (target: Target) => Promise<void>> = {
  "every operation is refused, before a proof and behind a wrong one": assertEveryOperationRefused,
  "whatever is wrong with a proof, the answer is the same to the byte": assertAnsweredAlike,
  "a wrong MAC takes as long as an unknown name": assertRefusedAsFast,
  "a recorded handshake is worth nothing": assertReplayRefused,
  "a handshake that is passed on from another port is worth nothing, to either side": assertRelayRefused,
  "a web page gets no answer": assertPagesUnanswered,
};

for (const kind of PORT_KINDS) {
  Deno.test(`without the key of a port (${kind})`, async (t) => {
    await using target = await startTarget(kind, 1);
    for (const [name, check] of Object.entries(CHECKS)) await t.step(name, () => check(target));
    await t.step("and who has the key is served", () => target.serve());
  });
}
