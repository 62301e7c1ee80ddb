/** What the tests of the handshake share. */
import { assertEquals } from "@std/assert";
import { createHmac } from "node:crypto";
import type { ErrorCode } from "../../gmp/errors.ts";
import { Kind, PREFACE, SESSION_CAPS } from "../../gmp/frames/frame.ts";
import {
  type Accepted,
  acceptHandshake,
  type AcceptOptions,
  type Authenticated,
  connectHandshake,
  type ConnectOptions,
} from "../../gmp/handshake/handshake.ts";
import type { Audience } from "../../gmp/handshake/identity.ts";
import { KEY_BYTES, SECRET_KEY_NAME, secretCredential } from "../../gmp/handshake/keys.ts";
import { memoryPair } from "../../gmp/transports/memory.ts";
import { readBytes, type Transport } from "../../gmp/transports/transport.ts";
import { assertFails, frameBytes, type Peer, tcpPair } from "./_wire.ts";

/** The secret of both sides. */
export const KEY = new Uint8Array(KEY_BYTES).fill(7);
/** The port of both sides. */
export const PORT = 5989;
/** Who the accepting side is. */
const AUDIENCE = "gpmd/nodes";
export const preface = PREFACE as Uint8Array;

/** The accepting side, which knows {@linkcode KEY}. */
export function accept(
  transport: Transport,
  changes: Partial<AcceptOptions<string>> = {},
): Promise<Accepted<string>> {
  return acceptHandshake(transport, {
    audience: AUDIENCE,
    software: "gpmd 0.1.0",
    port: PORT,
    credential: secretCredential(KEY, "friend"),
    caps: SESSION_CAPS,
    ...changes,
  });
}

/** The connecting side, which knows {@linkcode KEY}. */
export function connect(transport: Transport, changes: Partial<ConnectOptions> = {}): Promise<Authenticated> {
  const options = {
    audience: AUDIENCE,
    keyName: SECRET_KEY_NAME,
    key: KEY,
    port: PORT,
    caps: SESSION_CAPS,
  } as const;
  return connectHandshake(transport, { ...options, ...changes });
}

/** The MAC of protocol.md, by other means than the handshake's own. */
export function macOf(
  label: string,
  first: Uint8Array,
  second: Uint8Array,
  key = KEY,
  port = PORT,
  audience: Audience = AUDIENCE,
): Uint8Array {
  const hmac = createHmac("sha256", key).update(label).update(first).update(second);
  return new Uint8Array(hmac.update(Uint8Array.of(port & 0xff, port >> 8)).update(audience).digest());
}

/** Sends the preface and returns the server's nonce. */
export async function challenged(peer: Peer): Promise<Uint8Array> {
  await peer.send(preface);
  return (await peer.body(Kind.CHALLENGE)).nonce as Uint8Array;
}

/** A nonce of either side. */
export const NONCE = new Uint8Array(16).fill(1);

/** Sends a CHALLENGE with {@linkcode NONCE} in answer to the preface and returns the nonce of the PROOF. */
export async function challenge(peer: Peer): Promise<Uint8Array> {
  assertEquals(await readBytes(peer.transport), preface);
  await peer.send(frameBytes(Kind.CHALLENGE, { payload: { nonce: NONCE, role: "gpmd", software: "" } }));
  return (await peer.body(Kind.PROOF)).nonce as Uint8Array;
}

/** A PROOF, right unless one of the arguments is wrong. */
export function proof(serverNonce: Uint8Array, key = KEY, name = SECRET_KEY_NAME, port = PORT): Uint8Array {
  const mac = macOf("gmp/2 client", serverNonce, NONCE, key, port);
  return frameBytes(Kind.PROOF, { payload: { nonce: NONCE, key: name, mac } });
}

/** Checks that the connection ends without another byte. */
export async function assertEnds(peer: Peer): Promise<void> {
  // A socket that is closed before it was read to its end is reset.
  const frame = await peer.next().catch((error) => {
    assertEquals(error.code, "CONNECTION_LOST");
    return null;
  });
  assertEquals(frame, null);
}

/** Checks that the server says `code`, closes, and fails with it. */
export async function assertRefused(peer: Peer, accepting: Promise<unknown>, code: ErrorCode): Promise<void> {
  const failing = assertFails(accepting, code);
  assertEquals((await peer.body(Kind.ERROR)).code, code);
  await assertEnds(peer);
  await failing;
}

/** A test over each transport, with its two ends; both are closed after it. */
export function test(
  behaviour: string,
  steps: (client: Transport, server: Transport) => Promise<void>,
): void {
  const pairs = { memory: () => Promise.resolve(memoryPair()), TCP: tcpPair };
  for (const [name, pair] of Object.entries(pairs)) {
    Deno.test(`${name}: ${behaviour}`, async () => {
      const [client, server] = await pair();
      try {
        await steps(client, server);
      } finally {
        client.close();
        server.close();
      }
    });
  }
}
