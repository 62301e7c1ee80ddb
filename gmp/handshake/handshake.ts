import { Timer } from "../async/timer.ts";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { type Body, bytesIn, decodeBody, encodeBody, stringIn } from "../frames/body.ts";
import { type Frame, FrameDecoder, NotGmpError, payloadOf } from "../frames/decoder.ts";
import { signer } from "./_signer.ts";
import type { Audience, Role } from "./identity.ts";
import { type Credential, KEY_BYTES, newKey } from "./keys.ts";
import { errorPayload, readError } from "../frames/error_payload.ts";
import { GhostError } from "../errors.ts";
import {
  HANDSHAKE_CAPS,
  HEADER_BYTES,
  Kind,
  type PayloadCaps,
  PREFACE,
  writeHeader,
} from "../frames/frame.ts";
import { readBytes, type Transport, writeBytes } from "../transports/transport.ts";

/** The whole handshake has 5 seconds (docs/protocol.md, "Handshake"), in milliseconds. */
export const HANDSHAKE_TIME = 5000;
const NONCE_BYTES = 16;
/** The outcome of a handshake, from which a `Channel` is made. */
export interface Authenticated {
  /** The connection. */
  transport: Transport;
  /**
   * Its decoder, which may hold frames already.
   *
   * @internal
   */
  decoder: FrameDecoder;
}

/** The outcome for the side that was dialled. */
export interface Accepted<T> extends Authenticated {
  /** What the client's key stands for. */
  holder: T;
}

/** What the accepting side needs. */
export interface AcceptOptions<T> {
  /** Who it is: a client that means another is refused. */
  audience: Audience;
  /** Name and version of the program, for people. */
  software: string;
  /** The port that clients dial, except those whose credential says that they come over a pipe; 0 where there is none. */
  port: number;
  /** The key called `name`, or `undefined`; called once per connection. */
  credential(name: string): Credential<T> | undefined | Promise<Credential<T> | undefined>;
  /** Caps in force after the handshake. */
  caps: PayloadCaps;
  /** Aborts the handshake. */
  signal?: AbortSignal;
}

/** What the connecting side needs. */
export interface ConnectOptions {
  /** The port that was dialled; 0 where there is none, or where it is the end of a pipe from another device. */
  port: number;
  /** Name of the key: {@linkcode SECRET_KEY_NAME}, or a ticket's name. */
  keyName: string;
  /** The key, {@linkcode KEY_BYTES} long. */
  key: Uint8Array;
  /** Who must be at the other end. */
  audience: Audience;
  /** Caps in force after the handshake. */
  caps: PayloadCaps;
  /** Aborts the handshake. */
  signal?: AbortSignal;
}

/**
 * The accepting side of the handshake (docs/protocol.md, "Handshake"). On failure the connection is closed, with an
 * ERROR where the client spoke GMP.
 *
 * @throws {NotGmpError} when the client did not send the preface.
 * @throws {GhostError} `UNAUTHENTICATED` for a wrong proof or an unknown key, which look and last the same;
 * `TICKET_EXPIRED` when another connection has used the key meanwhile; `CONNECTION_LOST` when the other side leaves, or
 * is not done in 5 seconds.
 *
 * @example
 * ```ts
 * import { acceptHandshake, Channel, newKey, secretCredential, SESSION_CAPS, TcpTransport } from "@ghost/network/gmp";
 *
 * const secret = newKey();
 *
 * // Serves one connection that came in on `port`.
 * async function serve(connection: Deno.TcpConn, port: number): Promise<Channel> {
 *   const authenticated = await acceptHandshake(new TcpTransport(connection), {
 *     audience: "gpmd/nodes",
 *     software: "example 1.0.0",
 *     port,
 *     credential: secretCredential(secret, "a node"),
 *     caps: SESSION_CAPS,
 *   });
 *   return new Channel(authenticated, { handlers: { "node.discover": () => ({ nodes: ["node-1"] }) } });
 * }
 * ```
 */
export function acceptHandshake<T>(transport: Transport, options: AcceptOptions<T>): Promise<Accepted<T>> {
  return bounded(transport, "accept", options.signal, async () => {
    const decoder = new FrameDecoder(HANDSHAKE_CAPS, true);
    await preface(transport, decoder);
    const serverNonce = newNonce();
    await send(transport, Kind.CHALLENGE, {
      nonce: serverNonce,
      role: roleOf(options.audience),
      software: options.software,
    });
    const proof = decodeBody(payloadOf(await receive(transport, decoder, Kind.PROOF)));
    const clientNonce = bytesIn(proof, "nonce", NONCE_BYTES);
    const keyName = stringIn(proof, "key", 64);
    const mac = bytesIn(proof, "mac", KEY_BYTES);
    // An unknown key takes as long as a wrong proof: a random one stands in for it.
    const credential = await options.credential(keyName);
    const sign = await signer(credential?.key ?? newKey());
    const meant = { audience: options.audience, port: credential?.isPiped === true ? 0 : options.port };
    const expected = await sign("gmp/2 client", serverNonce, clientNonce, meant);
    if (!timingSafeEqual(expected, mac) || credential === undefined) throw new GhostError("UNAUTHENTICATED");
    const welcome = await sign("gmp/2 server", clientNonce, serverNonce, meant);
    const holder = credential.take();
    if (holder === undefined) throw new GhostError("TICKET_EXPIRED");
    decoder.caps = options.caps;
    await send(transport, Kind.WELCOME, { mac: welcome });
    return { transport, decoder, holder };
  });
}

/**
 * The connecting side of the handshake (docs/protocol.md, "Handshake").
 *
 * @throws {GhostError} `UNAUTHENTICATED` when either side's proof is wrong, `CONNECTION_LOST` when the other side
 * leaves or is not done in 5 seconds, or what the other side answered.
 *
 * @example
 * ```ts
 * import {
 *   acceptHandshake,
 *   connectHandshake,
 *   memoryPair,
 *   newKey,
 *   SECRET_KEY_NAME,
 *   secretCredential,
 *   SESSION_CAPS,
 * } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * const key = newKey();
 * const [one, other] = memoryPair();
 * const shared = { audience: "gpmd/nodes", port: 0, caps: SESSION_CAPS } as const;
 * const [, { holder }] = await Promise.all([
 *   connectHandshake(one, { ...shared, keyName: SECRET_KEY_NAME, key }),
 *   acceptHandshake(other, { ...shared, software: "example 1.0.0", credential: secretCredential(key, "Ada") }),
 * ]);
 * assertEquals(holder, "Ada");
 * ```
 */
export function connectHandshake(transport: Transport, options: ConnectOptions): Promise<Authenticated> {
  return bounded(transport, "connect", options.signal, async () => {
    const decoder = new FrameDecoder(HANDSHAKE_CAPS, false);
    const signing = signer(options.key);
    await writeBytes(transport, PREFACE.slice());
    const challenge = decodeBody(payloadOf(await receive(transport, decoder, Kind.CHALLENGE)));
    const serverNonce = bytesIn(challenge, "nonce", NONCE_BYTES);
    const role = roleOf(options.audience);
    if (stringIn(challenge, "role", 16) !== role) {
      const message = `Cannot connect: the other side is not a ${role}`;
      throw new GhostError("UNAUTHENTICATED", message, { details: { wanted: role } });
    }
    const clientNonce = newNonce();
    const sign = await signing;
    const mac = await sign("gmp/2 client", serverNonce, clientNonce, options);
    await send(transport, Kind.PROOF, { nonce: clientNonce, key: options.keyName, mac });
    const welcome = decodeBody(payloadOf(await receive(transport, decoder, Kind.WELCOME)));
    const expected = await sign("gmp/2 server", clientNonce, serverNonce, options);
    if (!timingSafeEqual(expected, bytesIn(welcome, "mac", KEY_BYTES))) {
      throw new GhostError("UNAUTHENTICATED");
    }
    decoder.caps = options.caps;
    return { transport, decoder };
  });
}

/**
 * True for the error of a handshake in which the other side was silent for too long, as a stopped process is.
 */
export function isSilence(error: unknown): boolean {
  return error instanceof GhostError && error.code === "CONNECTION_LOST" && error.details?.silent === true;
}

/**
 * True for the error of a handshake with somebody of the wanted role who knows another key, or who was meant otherwise:
 * the store is another one, or the port.
 */
export function isOtherKey(error: unknown): boolean {
  return error instanceof GhostError && error.code === "UNAUTHENTICATED" &&
    error.details?.wanted === undefined;
}

/** Runs `steps` within the time limit; on failure, tells the other side if it can, and closes the transport. */
async function bounded<T>(
  transport: Transport,
  action: "accept" | "connect",
  signal: AbortSignal | undefined,
  steps: () => Promise<T>,
): Promise<T> {
  let reason: unknown;
  const abort = () => {
    reason = signal?.reason ??
      new GhostError("CONNECTION_LOST", `Cannot ${action}: the other side does not answer`, {
        details: { silent: true },
      });
    transport.close();
  };
  const timer = new Timer(HANDSHAKE_TIME, abort);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    signal?.throwIfAborted();
    return await steps();
  } catch (error) {
    if (reason === undefined && error instanceof GhostError && !(error instanceof NotGmpError)) {
      await sendPayload(transport, Kind.ERROR, errorPayload(error)).catch(() => {});
    }
    transport.close();
    throw reason ?? error;
  } finally {
    timer.cancel();
    signal?.removeEventListener("abort", abort);
  }
}

async function preface(transport: Transport, decoder: FrameDecoder): Promise<void> {
  // The client waits for the challenge after its preface, so only those four bytes are due.
  let seen = 0;
  while (seen < PREFACE.length) {
    const chunk = await readBytes(transport);
    if (chunk === null) throw new NotGmpError();
    decoder.push(chunk);
    if (decoder.next() !== undefined) {
      throw new GhostError("BAD_REQUEST", "Cannot read a frame: it came too soon");
    }
    seen += chunk.length;
  }
}

async function receive(transport: Transport, decoder: FrameDecoder, kind: Kind): Promise<Frame> {
  let frame = decoder.next();
  while (frame === undefined) {
    const chunk = await readBytes(transport);
    if (chunk === null) throw new GhostError("CONNECTION_LOST", "Cannot connect: the other side closed");
    decoder.push(chunk);
    frame = decoder.next();
  }
  if (frame.kind === Kind.ERROR) {
    // The words of a side that has proved nothing are neither repeated nor logged.
    if (kind === Kind.PROOF) throw new GhostError("UNAUTHENTICATED", "Cannot accept: the other side gave up");
    throw readError(payloadOf(frame));
  }
  if (frame.kind !== kind) {
    throw new GhostError(
      "BAD_REQUEST",
      `Cannot read the handshake: kind ${frame.kind} came in place of ${kind}`,
    );
  }
  return frame;
}

function send(transport: Transport, kind: Kind, body: Body): Promise<void> {
  return sendPayload(transport, kind, encodeBody(body));
}

function sendPayload(transport: Transport, kind: Kind, payload: Uint8Array): Promise<void> {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  writeHeader(new DataView(bytes.buffer), 0, payload.length, kind, 0, 0, 0);
  bytes.set(payload, HEADER_BYTES);
  return writeBytes(transport, bytes);
}

function newNonce(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
}

/** The role of whoever serves `audience`. */
function roleOf(audience: Audience): Role {
  return audience.slice(0, audience.indexOf("/")) as Role;
}
