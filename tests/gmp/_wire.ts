/** What the tests of gmp/ share: literal bytes, seeded randomness, channels, and a peer that may send anything. */
import { assertEquals, assertRejects } from "@std/assert";
import { type Body, decodeBody, encodeBody } from "../../gmp/frames/body.ts";
import { Channel, type ChannelOptions } from "../../gmp/channel/channel.ts";
import { type ErrorCode, GhostError } from "../../gmp/errors.ts";
import { FrameDecoder, payloadOf } from "../../gmp/frames/decoder.ts";
import {
  DATA_CAP,
  HEADER_BYTES,
  type Kind,
  type PayloadCaps,
  SESSION_CAPS,
  writeHeader,
} from "../../gmp/frames/frame.ts";
import type { Authenticated } from "../../gmp/handshake/handshake.ts";
import type { IncomingRequest } from "../../gmp/channel/incoming.ts";
import { memoryPair } from "../../gmp/transports/memory.ts";
import { TcpTransport } from "../../gmp/ports/tcp.ts";
import { readBytes, type Transport, writeBytes } from "../../gmp/transports/transport.ts";

/** The bytes of `"47 4d"`. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(text.replaceAll(/\s/g, ""));
}

/** `parts` one after the other. */
export function concat(...parts: ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A frame that a test sends or got; unlike the decoder's it keeps its payload. */
export interface WireFrame {
  kind: Kind;
  flags: number;
  operation: number;
  id: number;
  payload: Uint8Array;
}

/** The bytes of a frame; `payload` is a body or raw bytes. */
export function frameBytes(
  kind: number,
  { flags = 0, operation = 0, id = 0, payload = new Uint8Array(0), length = -1 }: {
    flags?: number;
    operation?: number;
    id?: number;
    payload?: Uint8Array | Body;
    /** A length that lies about the payload's. */
    length?: number;
  } = {},
): Uint8Array<ArrayBuffer> {
  const bytes = payload instanceof Uint8Array ? payload : encodeBody(payload);
  const header = new Uint8Array(HEADER_BYTES);
  const said = length < 0 ? bytes.length : length;
  writeHeader(new DataView(header.buffer), 0, said, kind as Kind, flags, operation, id);
  return concat(header, bytes);
}

/** All frames that `decoder` has after `chunk`, with payloads of their own. */
export function framesIn(decoder: FrameDecoder, chunk: Uint8Array): WireFrame[] {
  decoder.push(chunk);
  const frames: WireFrame[] = [];
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
    const { kind, flags, operation, id } = frame;
    frames.push({ kind, flags, operation, id, payload: payloadOf(frame).slice() });
  }
  return frames;
}

/** Caps that let every kind pass. */
export const ANY_CAPS: PayloadCaps = SESSION_CAPS.map((cap) => Math.max(cap, DATA_CAP));

/** The other end of a connection, without the manners of a `Channel`. */
export class Peer {
  readonly #decoder = new FrameDecoder(ANY_CAPS, false);
  readonly #frames: WireFrame[] = [];

  constructor(readonly transport: Transport) {}

  /** Sends `frames` in one write. */
  async send(...frames: Uint8Array[]): Promise<void> {
    await writeBytes(this.transport, concat(...frames));
  }

  /** The next frame, or `null` at the end of the connection. */
  async next(): Promise<WireFrame | null> {
    while (this.#frames.length === 0) {
      const chunk = await readBytes(this.transport);
      if (chunk === null) return null;
      this.#frames.push(...framesIn(this.#decoder, chunk));
    }
    return this.#frames.shift()!;
  }

  /** Checks that the next frame is of `kind` (and `id`), and returns its body. */
  async body(kind: Kind, id?: number): Promise<Body> {
    const frame = await this.next();
    assertEquals(frame?.kind, kind);
    if (id !== undefined) assertEquals(frame?.id, id);
    return decodeBody(frame!.payload);
  }
}

/** `transport` as the handshake would return it. */
export function authenticated(transport: Transport): Authenticated {
  return { transport, decoder: new FrameDecoder(SESSION_CAPS, false) };
}

/**
 * Runs `steps` with two channels over a memory pair, then checks that neither waits for anything and closes both.
 */
export async function withChannels(
  left: ChannelOptions,
  right: ChannelOptions,
  steps: (left: Channel, right: Channel) => Promise<void>,
): Promise<void> {
  const [one, other] = memoryPair();
  const channels = [new Channel(authenticated(one), left), new Channel(authenticated(other), right)] as const;
  try {
    await steps(...channels);
    assertEquals(channels.map((channel) => channel.pendingCount), [0, 0], "questions still wait");
  } finally {
    await Promise.all(channels.map((channel) => channel.close()));
  }
}

/** Runs `steps` with a channel and a {@linkcode Peer} at its other end, then checks and ends both. */
export async function withPeer(
  options: ChannelOptions,
  steps: (channel: Channel, peer: Peer) => Promise<void>,
): Promise<void> {
  const [one, other] = memoryPair();
  const channel = new Channel(authenticated(one), options);
  try {
    await steps(channel, new Peer(other));
    assertEquals(channel.pendingCount, 0, "questions still wait");
  } finally {
    other.close();
    await channel.closed;
  }
}

/** The two ends of a TCP connection to `127.0.0.1`, and its port. */
export async function tcpPair(): Promise<[TcpTransport, TcpTransport, number]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const [one, other] = await Promise.all([Deno.connect({ port, hostname: "127.0.0.1" }), listener.accept()]);
  return [new TcpTransport(one), new TcpTransport(other), port];
}

/** A transport that records what goes through `inner`. */
export class RecordingTransport implements Transport {
  /** Each write, copied. */
  readonly writes: Uint8Array[] = [];
  /** Each chunk read, copied. */
  readonly reads: Uint8Array[] = [];

  constructor(readonly inner: Transport) {}

  read(): Promise<number | null> {
    return this.inner.read();
  }

  received(count: number): Uint8Array {
    const bytes = this.inner.received(count);
    this.reads.push(bytes.slice(0, count));
    return bytes;
  }

  write(bytes: Uint8Array): Promise<number> {
    this.writes.push(bytes.slice());
    return this.inner.write(bytes);
  }

  close(): void {
    this.inner.close();
  }
}

/** Seeded random numbers (mulberry32). */
export class Random {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed;
  }

  /** An integer from 0 to `limit - 1`. */
  below(limit: number): number {
    this.#state = this.#state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(this.#state ^ this.#state >>> 15, 1 | this.#state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return Math.floor(((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32 * limit);
  }

  /** One of `choices`. */
  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** `length` bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** `bytes` in pieces of at least one byte. */
  split(bytes: Uint8Array, longest: number): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + 1 + this.below(longest));
      pieces.push(bytes.slice(at, end));
      at = end;
    }
    return pieces;
  }
}

/** A test with a fresh seed, which its failure names; `SEED=… deno test` plays it again. */
export function seeded(name: string, steps: (random: Random) => void | Promise<void>): void {
  Deno.test(name, async () => {
    const seed = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 2 ** 32));
    try {
      await steps(new Random(seed));
    } catch (cause) {
      throw new Error(`failed with SEED=${seed}`, { cause });
    }
  });
}

/** Checks that `promise` is rejected with `code`, and returns the error. */
export async function assertFails(
  promise: Promise<unknown>,
  code: ErrorCode,
  message = "",
): Promise<GhostError> {
  const error = await assertRejects(() => promise, GhostError, message);
  assertEquals(error.code, code);
  return error;
}

/** A handler that answers when the test says so. */
export class Held {
  readonly #arrived = Promise.withResolvers<IncomingRequest>();
  readonly #answer = Promise.withResolvers<Body>();
  /** The request, once it came. */
  readonly arrived: Promise<IncomingRequest> = this.#arrived.promise;
  readonly handler = (request: IncomingRequest): Promise<Body> => {
    this.#arrived.resolve(request);
    return this.#answer.promise;
  };

  answer(body: Body): void {
    this.#answer.resolve(body);
  }
}
