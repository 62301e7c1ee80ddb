import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { type Body, bytesIn, decodeBody, encodeBody, stringIn } from "../frames/body.ts";
import { type Frame, FrameDecoder, NotGmpError, payloadOf } from "../frames/decoder.ts";
import { signer } from "./_signer.ts";
import { KEY_BYTES, newKey } from "./keys.ts";
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
/** Who serves a port: a daemon, a node's front door or one of its executors. */
export type Role = "gpmd" | "node" | "executor";

/** The outcome of a handshake, from which a `Channel` is made. */
export interface Authenticated {
  /** The connection. */
  transport: Transport;
  /** Its decoder, which may hold frames already. */
  decoder: FrameDecoder;
  /** Name of the key that the client proved to know. */
  key: string;
}

/** What the accepting side needs. */
export interface AcceptOptions {
  /** Who serves the port. */
  role: Role;
  /** Name and version of the program, for people. */
  software: string;
  /** The port that the client dialled; 0 where there is none. */
  port: number;
  /** The key of that name, or `undefined`; asked once for each connection. */
  keyOf(name: string): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** Caps in force after the handshake. */
  caps: PayloadCaps;
  /** Aborts the handshake. */
  signal?: AbortSignal;
}

/** What the connecting side needs. */
export interface ConnectOptions {
  /** The port that was dialled; 0 where there is none. */
  port: number;
  /** Name of the key: {@linkcode SECRET_KEY_NAME}, or that of a ticket. */
  keyName: string;
  /** The key, {@linkcode KEY_BYTES} long. */
  key: Uint8Array;
  /** Who must be there. */
  role: Role;
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
 * `CONNECTION_LOST` when the other side leaves, or does not get there in {@linkcode HANDSHAKE_TIME}.
 *
 * @example
 * ```ts
 * import { acceptHandshake, Channel, newKey, SESSION_CAPS, TcpTransport } from "@ghost/network/gmp";
 *
 * const secret = newKey();
 *
 * // Serves one connection that came in on `port`.
 * async function serve(connection: Deno.TcpConn, port: number): Promise<Channel> {
 *   const authenticated = await acceptHandshake(new TcpTransport(connection), {
 *     role: "node",
 *     software: "example 1.0.0",
 *     port,
 *     keyOf: (name) => name === "secret" ? secret : undefined,
 *     caps: SESSION_CAPS,
 *   });
 *   return new Channel(authenticated, { handlers: { "node.discover": () => ({ nodes: ["node-1"] }) } });
 * }
 * ```
 */
export function acceptHandshake(transport: Transport, options: AcceptOptions): Promise<Authenticated> {
  return bounded(transport, "accept", options.signal, async () => {
    const decoder = new FrameDecoder(HANDSHAKE_CAPS, true);
    await preface(transport, decoder);
    const serverNonce = newNonce();
    await send(transport, Kind.CHALLENGE, {
      nonce: serverNonce,
      role: options.role,
      software: options.software,
    });
    const proof = decodeBody(payloadOf(await receive(transport, decoder, Kind.PROOF)));
    const clientNonce = bytesIn(proof, "nonce", NONCE_BYTES);
    const keyName = stringIn(proof, "key", 64);
    const mac = bytesIn(proof, "mac", KEY_BYTES);
    // An unknown key costs the same as a wrong proof: a random one stands in for it.
    const key = await options.keyOf(keyName);
    const sign = await signer(key ?? newKey());
    const expected = await sign("gmp/2 client", serverNonce, clientNonce, options.port);
    if (!timingSafeEqual(expected, mac) || key === undefined) throw new GhostError("UNAUTHENTICATED");
    const welcome = await sign("gmp/2 server", clientNonce, serverNonce, options.port);
    decoder.caps = options.caps;
    await send(transport, Kind.WELCOME, { mac: welcome });
    return { transport, decoder, key: keyName };
  });
}

/**
 * The connecting side of the handshake (docs/protocol.md, "Handshake").
 *
 * @throws {GhostError} `UNAUTHENTICATED` when either side's proof is wrong, `CONNECTION_LOST` when the other side leaves, or
 * does not get there in {@linkcode HANDSHAKE_TIME}, or what the other side answered.
 *
 * @example
 * ```ts
 * import {
 *   acceptHandshake,
 *   connectHandshake,
 *   memoryPair,
 *   newKey,
 *   SECRET_KEY_NAME,
 *   SESSION_CAPS,
 * } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * const key = newKey();
 * const [one, other] = memoryPair();
 * const shared = { role: "node", port: 0, caps: SESSION_CAPS } as const;
 * const [asking, answering] = await Promise.all([
 *   connectHandshake(one, { ...shared, keyName: SECRET_KEY_NAME, key }),
 *   acceptHandshake(other, { ...shared, software: "example 1.0.0", keyOf: () => key }),
 * ]);
 * assertEquals([asking.key, answering.key], ["secret", "secret"]);
 * ```
 */
export function connectHandshake(transport: Transport, options: ConnectOptions): Promise<Authenticated> {
  return bounded(transport, "connect", options.signal, async () => {
    const decoder = new FrameDecoder(HANDSHAKE_CAPS, false);
    const signing = signer(options.key);
    await writeBytes(transport, PREFACE.slice());
    const challenge = decodeBody(payloadOf(await receive(transport, decoder, Kind.CHALLENGE)));
    const serverNonce = bytesIn(challenge, "nonce", NONCE_BYTES);
    if (stringIn(challenge, "role", 16) !== options.role) {
      throw new GhostError("UNAUTHENTICATED", `Cannot connect: the other side is not a ${options.role}`);
    }
    const clientNonce = newNonce();
    const sign = await signing;
    const mac = await sign("gmp/2 client", serverNonce, clientNonce, options.port);
    await send(transport, Kind.PROOF, { nonce: clientNonce, key: options.keyName, mac });
    const welcome = decodeBody(payloadOf(await receive(transport, decoder, Kind.WELCOME)));
    const expected = await sign("gmp/2 server", clientNonce, serverNonce, options.port);
    if (!timingSafeEqual(expected, bytesIn(welcome, "mac", KEY_BYTES))) {
      throw new GhostError("UNAUTHENTICATED");
    }
    decoder.caps = options.caps;
    return { transport, decoder, key: options.keyName };
  });
}

/**
 * True for the error of a handshake in which the other side said nothing for too long, as a stopped process does.
 *
 * @example
 * ```ts
 * import { GhostError, isSilence } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isSilence(new GhostError("UNAUTHENTICATED")), false);
 * ```
 */
export function isSilence(error: unknown): boolean {
  return error instanceof GhostError && error.code === "CONNECTION_LOST" && error.details?.silent === true;
}

/** Runs `steps` with the time limit; on any failure tells the other side where it can and closes the transport. */
async function bounded(
  transport: Transport,
  action: "accept" | "connect",
  signal: AbortSignal | undefined,
  steps: () => Promise<Authenticated>,
): Promise<Authenticated> {
  let reason: unknown;
  const abort = () => {
    reason = signal?.reason ??
      new GhostError("CONNECTION_LOST", `Cannot ${action}: the other side does not answer`, {
        details: { silent: true },
      });
    transport.close();
  };
  const timer = setTimeout(abort, HANDSHAKE_TIME);
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
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

async function preface(transport: Transport, decoder: FrameDecoder): Promise<void> {
  // The challenge answers the preface, so the decoder is fed until it has all four bytes and nothing else is due.
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
    // What a side says that has proved nothing is neither repeated nor written into a log.
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
