/**
 * A process that holds many connections to one port and misbehaves on each in one way, opening a new one for each that is
 * ended. It writes a line once all have been tried, and what it did when its input ends.
 */
import { HEADER_BYTES, Kind, PREFACE } from "../../gmp/frame.ts";
import { concat, frameBytes } from "../gmp/_wire.ts";

/** The ways to misbehave before a handshake is done. */
export const SILENCES = [
  "says nothing",
  "says one byte a second",
  "stops in a frame",
  "does not read",
] as const;
/** One of them. */
export type Silence = typeof SILENCES[number];

/** What a flooder is told. */
export interface FloodOrder {
  readonly port: number;
  readonly silence: Silence;
  readonly connections: number;
}

/** What a flooder says at its end. */
export interface FloodReport {
  /** Connections that were made. */
  readonly made: number;
  /** Those that the other side ended. */
  readonly ended: number;
}

/** Milliseconds until a connection that was ended, or could not be made, is made again. */
const PAUSE = 50;

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
    for (let i = 0; i < order.connections; i++) this.#hold();
  }

  /** Resolved when each connection has been tried once. */
  get tried(): Promise<void> {
    return this.#tried.promise;
  }

  stop(): void {
    this.#stopped = true;
    for (const connection of this.#open) connection.close();
  }

  async #hold(): Promise<void> {
    let first = true;
    while (!this.#stopped) {
      try {
        const connection = await Deno.connect({ hostname: "127.0.0.1", port: this.#order.port });
        this.made++;
        this.#open.add(connection);
        if (first && --this.#left === 0) this.#tried.resolve();
        first = false;
        await this.#misbehave(connection).catch(() => {});
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
  async #misbehave(connection: Deno.Conn): Promise<void> {
    switch (this.#order.silence) {
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
          await connection.write(PROOF);
        }
    }
  }
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

function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}

if (import.meta.main) {
  const flooder = new Flooder(JSON.parse(Deno.args[0]!) as FloodOrder);
  await flooder.tried;
  console.log("up");
  while (await Deno.stdin.read(new Uint8Array(64)) !== null);
  flooder.stop();
  const { made, ended } = flooder;
  console.log(JSON.stringify({ made, ended } satisfies FloodReport));
  Deno.exit(0);
}
