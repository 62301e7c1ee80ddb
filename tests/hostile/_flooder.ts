/**
 * A process that holds many connections to one port and misbehaves on each in one way, opening a new one for each that is
 * ended where it can. It is told how by a line of JSON, writes a line once all have been tried, and what it did when its
 * input ends.
 */
import { encodeBody } from "../../gmp/frames/body.ts";
import { HEADER_BYTES, Kind, LARGE_REPLY_CAPS, PREFACE, SESSION_CAPS } from "../../gmp/frames/frame.ts";
import { connectHandshake } from "../../gmp/handshake/handshake.ts";
import type { Audience } from "../../gmp/handshake/identity.ts";
import { OPERATIONS } from "../../gmp/messages/operations.ts";
import { TcpTransport } from "../../gmp/ports/tcp.ts";
import { concat, frameBytes } from "../gmp/_wire.ts";

/** The ways to misbehave without a key, before a handshake is done. */
export const STRANGERS = [
  "says nothing",
  "says one byte a second",
  "stops in a frame",
  "does not read",
] as const;
/** The ways to misbehave of who was let in. */
export const INSIDERS = ["let in, stops in a frame", "let in, does not read"] as const;
/** One of either. */
export type Abuse = typeof STRANGERS[number] | typeof INSIDERS[number];

/** What a flooder is told. */
export interface FloodOrder {
  readonly port: number;
  readonly audience: Audience;
  /** Connection number `i` misbehaves in the way `i % abuses.length`. */
  readonly abuses: readonly Abuse[];
  readonly connections: number;
  /** Whether a key is good for any number of connections; else each is used once. */
  readonly reusable: boolean;
  /** For those who are let in, one each or one for all; the key in hexadecimal. */
  readonly credentials: readonly { readonly keyName: string; readonly key: string }[];
}

/** What a flooder says at its end. */
export interface FloodReport {
  /** Connections that were made. */
  readonly made: number;
  /** Those that the other side ended. */
  readonly ended: number;
}

/** True for a way to misbehave that needs a key. */
export function isInsider(abuse: Abuse): boolean {
  return (INSIDERS as readonly Abuse[]).includes(abuse);
}

/** Milliseconds until a connection that was ended, or could not be made, is made again. */
const PAUSE = 50;
/** What one that does not read its answers asks for, again and again; larger than what a socket holds. */
export const LARGE_MODULE = "large";

const PROOF = frameBytes(Kind.PROOF, {
  payload: { nonce: new Uint8Array(16), key: "secret", mac: new Uint8Array(32) },
});

class Flooder {
  made = 0;
  ended = 0;
  readonly #order: FloodOrder;
  readonly #open = new Set<Deno.Conn>();
  readonly #tried = Promise.withResolvers<void>();
  #left: number;
  #stopped = false;

  constructor(order: FloodOrder) {
    this.#order = order;
    this.#left = order.connections;
    let insiders = 0;
    for (let i = 0; i < order.connections; i++) {
      const abuse = order.abuses[i % order.abuses.length]!;
      this.#hold(abuse, isInsider(abuse) ? insiders++ : 0);
    }
  }

  /** Resolved when each connection has been tried once. */
  get tried(): Promise<void> {
    return this.#tried.promise;
  }

  stop(): void {
    this.#stopped = true;
    for (const connection of this.#open) connection.close();
  }

  async #hold(abuse: Abuse, number: number): Promise<void> {
    const { port, reusable } = this.#order;
    const once = isInsider(abuse) && !reusable;
    for (let first = true; !this.#stopped && (first || !once);) {
      try {
        const connection = await Deno.connect({ hostname: "127.0.0.1", port });
        this.made++;
        this.#open.add(connection);
        if (first && --this.#left === 0) this.#tried.resolve();
        first = false;
        await this.#misbehave(connection, abuse, number).catch(() => {});
        this.#open.delete(connection);
        if (!this.#stopped) this.ended++;
        connection.close();
      } catch {
        // No descriptor, no port, no room: the next attempt may have one.
      }
      await pause(PAUSE);
    }
  }

  /** Resolves or rejects when the other side has ended the connection. */
  async #misbehave(connection: Deno.TcpConn, abuse: Abuse, number: number): Promise<void> {
    switch (abuse) {
      case "says nothing":
        return await untilEnd(connection);
      case "says one byte a second":
        return await Promise.race([
          untilEnd(connection),
          drip(connection, concat(PREFACE as Uint8Array, PROOF)),
        ]);
      case "stops in a frame":
        await connection.write(concat(PREFACE as Uint8Array, PROOF.subarray(0, HEADER_BYTES + 7)));
        return await untilEnd(connection);
      case "does not read":
        // A wrong PROOF, and never a look at what is answered: only a write can tell that it has ended.
        await connection.write(concat(PREFACE as Uint8Array, PROOF));
        for (;;) {
          await pause(1000);
          await writeAll(connection, PROOF);
        }
      case "let in, stops in a frame": {
        await this.#enter(connection, number);
        // All but the last byte of the largest one.
        const payload = new Uint8Array(SESSION_CAPS[Kind.REQUEST]!);
        await writeAll(
          connection,
          frameBytes(Kind.REQUEST, { operation: 1, id: 1, payload }).subarray(0, -1),
        );
        return await untilEnd(connection);
      }
      case "let in, does not read": {
        await this.#enter(connection, number);
        for (let id = 1;; id++) {
          await writeAll(connection, question(id));
          await pause(1000);
        }
      }
    }
  }

  async #enter(connection: Deno.TcpConn, number: number): Promise<void> {
    const { port, audience, credentials } = this.#order;
    const { keyName, key } = credentials[number % credentials.length]!;
    const caps = LARGE_REPLY_CAPS;
    await connectHandshake(new TcpTransport(connection), {
      port,
      audience,
      keyName,
      key: Uint8Array.fromHex(key),
      caps,
    });
  }
}

/** For the large module; at a port that has none it is answered with an error. */
function question(id: number): Uint8Array {
  const payload = encodeBody({ name: LARGE_MODULE, encoding: "bytes" });
  return frameBytes(Kind.REQUEST, { operation: OPERATIONS["module.get"], id, payload });
}

async function untilEnd(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(512);
  while (await connection.read(buffer) !== null);
}

async function drip(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let i = 0; i < bytes.length; i++) {
    await connection.write(bytes.subarray(i, i + 1));
    await pause(1000);
  }
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}

/** The line of input that is the order. */
async function readOrder(): Promise<FloodOrder> {
  let text = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1 << 16);
  while (!text.endsWith("\n")) text += decoder.decode(buffer.subarray(0, await Deno.stdin.read(buffer) ?? 0));
  return JSON.parse(text);
}

if (import.meta.main) {
  const flooder = new Flooder(await readOrder());
  await flooder.tried;
  console.log("up");
  while (await Deno.stdin.read(new Uint8Array(64)) !== null);
  flooder.stop();
  const { made, ended } = flooder;
  console.log(JSON.stringify({ made, ended } satisfies FloodReport));
  Deno.exit(0);
}
