/** One connection of an attacker: mutated frames before or after the handshake, and what comes back. */
import { assertEquals } from "@std/assert";
import { decodeBody, encodeBody } from "../../gmp/frames/body.ts";
import { FrameDecoder } from "../../gmp/frames/decoder.ts";
import { GhostError } from "../../gmp/errors.ts";
import {
  DATA_CAP,
  Flag,
  HANDSHAKE_CAPS,
  Kind,
  LARGE_REPLY_CAPS,
  type PayloadCaps,
  PREFACE,
  SESSION_CAPS,
} from "../../gmp/frames/frame.ts";
import { readError } from "../../gmp/frames/error_payload.ts";
import { connectHandshake } from "../../gmp/handshake/handshake.ts";
import { OPERATIONS } from "../../gmp/messages/operations.ts";
import { TcpTransport } from "../../gmp/ports/tcp.ts";
import { readBytes, writeBytes } from "../../gmp/transports/transport.ts";
import { macOf } from "../gmp/_handshake.ts";
import { concat, frameBytes, framesIn, type Random, type WireFrame } from "../gmp/_wire.ts";
import type { Conversation } from "./_conversation.ts";
import { mutate } from "./_mutate.ts";
import type { Target } from "./_targets.ts";

/** Milliseconds within which whoever is attacked answers what can be answered. */
const ANSWER_TIME = 10_000;
/** The id of the PING behind mutated frames: its PONG says that all of them were dealt with. */
const BARRIER = 0xfff0_0000;
const BARRIER_BYTES = frameBytes(Kind.PING, { id: BARRIER });
const FIRST_BYTES = [
  "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  "GMQ\x02",
];

/** Caps of a side that listens to everything, before and after the handshake. */
const EVERY_KIND: PayloadCaps = LARGE_REPLY_CAPS.map((cap) => Math.max(cap, DATA_CAP));

/** What attackers did, and what became of it. */
export class Tally {
  connections = 0;
  /** Frames that were sent. */
  frames = 0;
  /** Those of them that were sent before the handshake was done. */
  early = 0;
  /** Bursts of frames that were answered to the end. */
  answered = 0;
  /** Connections that the other side ended with an ERROR. */
  refused = 0;
  /** Connections that ended in another way. */
  ended = 0;
  /** Errors by code. */
  readonly codes = new Map<string, number>();

  error(error: GhostError): void {
    this.codes.set(error.code, (this.codes.get(error.code) ?? 0) + 1);
  }
}

/** What an attacker works with. */
interface Weapons {
  readonly conversations: readonly Conversation[];
  /** Frames of other ports. */
  readonly strangers: readonly WireFrame[];
  readonly tally: Tally;
}

/**
 * Makes one connection to `target` and sends what `random` says.
 *
 * @throws {Error} when the target says `INTERNAL`, sends what cannot be read, or leaves unanswered what it can answer.
 */
export async function attack(target: Target, lane: number, weapons: Weapons, random: Random): Promise<void> {
  weapons.tally.connections++;
  const credentials = await target.credentials(lane);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: target.port });
  const attacker = new Attacker(new TcpTransport(connection), target, weapons, random);
  try {
    if (random.below(3) === 0) await attacker.knock(credentials);
    else await attacker.converse(credentials, lane);
  } finally {
    attacker.close();
  }
}

/** What the bytes of a stream are to the side that reads them. */
type Reading = "whole" | "malformed" | "unfinished" | "kill";

function readingOf(bytes: Uint8Array, caps: PayloadCaps): { reading: Reading; frames: number } {
  const decoder = new FrameDecoder(caps, false);
  decoder.push(bytes);
  let frames = 0;
  try {
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
      frames++;
      const { kind, operation } = frame;
      if (kind === Kind.REQUEST && operation === OPERATIONS["gpmd.kill"]) return { reading: "kill", frames };
    }
  } catch {
    return { reading: "malformed", frames };
  }
  return { reading: decoder.held === 0 ? "whole" : "unfinished", frames };
}

class Attacker {
  readonly #transport: TcpTransport;
  readonly #target: Target;
  readonly #weapons: Weapons;
  readonly #random: Random;
  readonly #frames: WireFrame[] = [];
  #decoder = new FrameDecoder(LARGE_REPLY_CAPS, false);
  #late = false;

  constructor(transport: TcpTransport, target: Target, weapons: Weapons, random: Random) {
    this.#transport = transport;
    this.#target = target;
    this.#weapons = weapons;
    this.#random = random;
  }

  close(): void {
    this.#transport.close();
  }

  /** Errs at the handshake. */
  async knock({ keyName, key }: { keyName: string; key: Uint8Array }): Promise<void> {
    const random = this.#random;
    const { tally, strangers } = this.#weapons;
    this.#decoder = new FrameDecoder(EVERY_KIND, false);
    const said = random.below(5) === 0 ? this.#wrongPreface() : PREFACE as Uint8Array;
    await this.#write(said);
    if (!said.every((byte, i) => byte === PREFACE[i])) {
      tally.ended++;
      const answer = await this.#next();
      if (said.length === PREFACE.length && said.subarray(0, 3).every((byte, i) => byte === PREFACE[i])) {
        // Another version of GMP is told which one is spoken here.
        assertEquals([answer?.kind, answer && decodeBody(answer.payload).code], [Kind.ERROR, "BAD_REQUEST"]);
      } else if (answer !== null) throw new Error(`It answered what is no GMP with kind ${answer.kind}`);
      return;
    }
    if (said.length < PREFACE.length) return void tally.ended++;
    const nonce = random.bytes(16);
    const challenge = decodeBody((await this.#expect(Kind.CHALLENGE)).payload);
    const right = macOf(
      "gmp/2 client",
      challenge.nonce as Uint8Array,
      nonce,
      key as typeof nonce,
      this.#target.port,
      this.#target.audience,
    );
    const mac = random.below(3) === 0 ? random.bytes(32) : right;
    const payload = encodeBody({ nonce, key: random.below(6) === 0 ? "nobody" : keyName, mac });
    const proof: WireFrame = { kind: Kind.PROOF, flags: 0, operation: 0, id: 0, payload };
    const rest = Array.from({ length: random.below(3) }, () => random.of(strangers));
    const { bytes, frames } = mutate(random, [proof, ...rest], strangers);
    tally.frames += frames;
    tally.early += frames;
    // What comes right behind a right PROOF is read as well.
    if (readingOf(bytes, EVERY_KIND).reading === "kill") return;
    const { reading, frames: readable } = readingOf(bytes, HANDSHAKE_CAPS);
    await this.#write(bytes);
    if (readable === 0 && reading !== "malformed") return void tally.ended++;
    const answer = await this.#next();
    if (answer?.kind === Kind.ERROR) this.#refused(answer);
    else if (answer !== null && answer.kind !== Kind.WELCOME) {
      throw new Error(`It answered a PROOF with kind ${answer.kind}`);
    } else tally.ended++;
  }

  #wrongPreface(): Uint8Array {
    const random = this.#random;
    if (random.below(3) === 0) return new TextEncoder().encode(random.of(FIRST_BYTES));
    const preface = PREFACE.slice();
    if (random.below(2) === 0) return preface.subarray(0, random.below(4));
    preface[random.below(4)]! ^= 1 << random.below(8);
    return preface;
  }

  /** Shakes hands, says some of what was recorded, and then errs, as long as it is listened to. */
  async converse({ keyName, key }: { keyName: string; key: Uint8Array }, lane: number): Promise<void> {
    const random = this.#random;
    const { port, audience } = this.#target;
    const { conversations, strangers, tally } = this.#weapons;
    const caps = LARGE_REPLY_CAPS;
    const { decoder } = await connectHandshake(this.#transport, { port, keyName, key, audience, caps });
    this.#decoder = decoder;
    const said = random.of(conversations).map((frame) => this.#target.adapt(frame, lane));
    const frames = said.filter(({ kind }) => kind !== Kind.GOODBYE);
    // Most mistakes need something that was set up before: a name, a handle, a peer.
    const set = random.below(2) === 0 ? frames.length : random.below(frames.length);
    for (const frame of frames.slice(0, set)) await this.#ask(frame);
    let at = frames.length + set;
    for (let burst = 1 + random.below(12); burst > 0; burst--) {
      const length = 1 + random.below(24);
      const pool = random.below(10) === 0 ? said : frames;
      const next = Array.from(
        { length },
        (_, i) => renumbered(pool[(at + i) % pool.length]!, Math.floor((at + i) / pool.length)),
      );
      at += length;
      const mutants = mutate(random, next, strangers);
      tally.frames += mutants.frames;
      if (!await this.#say(mutants.bytes)) return;
    }
  }

  /** Sends a frame as it was recorded and, where it completes a question, waits for the answer. */
  async #ask(frame: WireFrame): Promise<void> {
    await this.#write(frameBytes(frame.kind, frame));
    if (!ASKING.has(frame.kind) || (frame.flags & Flag.MORE) !== 0) return;
    for (;;) {
      const answer = await this.#next();
      if (answer === null) return;
      if (answer.kind === Kind.ERROR) this.#refused(answer);
      if (answer.id === frame.id && isLast(answer)) return;
    }
  }

  /** Sends frames and waits until they are dealt with; false when the connection has ended, or waits for more of a frame. */
  async #say(bytes: Uint8Array): Promise<boolean> {
    const { tally } = this.#weapons;
    const { reading } = readingOf(bytes, SESSION_CAPS);
    if (reading === "kill") return true;
    const writing = this.#write(reading === "whole" ? concat(bytes, BARRIER_BYTES) : bytes);
    if (reading === "unfinished") {
      await writing;
      tally.ended++;
      return false;
    }
    for (;;) {
      const frame = await this.#next();
      if (frame === null) {
        tally.ended++;
        return false;
      }
      if (frame.kind === Kind.ERROR) {
        this.#refused(frame);
        if (frame.id === 0) return false;
      } else if (frame.kind === Kind.REPLY || frame.kind === Kind.NOTICE) decodeBody(frame.payload);
      else if (frame.kind === Kind.PONG && frame.id === BARRIER) {
        tally.answered++;
        return true;
      }
    }
  }

  #refused(frame: WireFrame): void {
    const error = readError(frame.payload);
    const { tally } = this.#weapons;
    tally.error(error);
    if (frame.id === 0) tally.refused++;
    if (error.code === "INTERNAL") throw new Error(`It said INTERNAL: ${error.message}`, { cause: error });
  }

  async #expect(kind: Kind): Promise<WireFrame> {
    const frame = await this.#next();
    if (frame?.kind !== kind) throw new Error(`Kind ${frame?.kind} came in place of ${kind}`);
    return frame;
  }

  /** The next frame, `null` at the end of the connection. @throws {Error} when neither comes in time. */
  async #next(): Promise<WireFrame | null> {
    const timer = setTimeout(() => {
      this.#late = true;
      this.#transport.close();
    }, ANSWER_TIME);
    try {
      while (this.#frames.length === 0) {
        const chunk = await readBytes(this.#transport);
        if (chunk === null) return null;
        this.#frames.push(...framesIn(this.#decoder, chunk));
      }
      return this.#frames.shift()!;
    } catch (error) {
      if (this.#late) throw new Error(`It said nothing for ${ANSWER_TIME} ms`);
      // A connection that is closed while something was not read is reset.
      if (error instanceof GhostError && error.code === "CONNECTION_LOST") return null;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Writes, unless the other side has ended the connection meanwhile. */
  async #write(bytes: Uint8Array): Promise<void> {
    await writeBytes(this.#transport, bytes).catch(() => {});
  }
}

const ASKING: ReadonlySet<Kind> = new Set([Kind.REQUEST, Kind.CALL, Kind.DATA]);

/** True when nothing more comes for the same question; what a run writes goes ahead of its REPLY. */
function isLast({ kind, flags }: WireFrame): boolean {
  return kind === Kind.ERROR || (flags & (Flag.MORE | Flag.STDOUT | Flag.STDERR)) === 0;
}

/** `frame` in the `round`th repetition of its conversation, so that what is asked again is asked anew; id 0 stays. */
function renumbered(frame: WireFrame, round: number): WireFrame {
  return frame.id === 0 ? frame : { ...frame, id: frame.id + 1000 * round };
}
