import type { Connection, Stream } from "@libp2p/interface";
import { pause } from "../../../gmp/async/pause.ts";
import { Channel, type ChannelOptions } from "../../../gmp/channel/channel.ts";
import { answering, type Handlers, request } from "../../../gmp/channel/messages.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { FrameDecoder } from "../../../gmp/frames/decoder.ts";
import { SESSION_CAPS } from "../../../gmp/frames/frame.ts";
import type { ReceivedRequest } from "../../../gmp/messages/messages.ts";
import { PROTOCOLS } from "./endpoint.ts";
import type { Rate } from "./rate.ts";
import { StreamTransport } from "./stream_transport.ts";

/** Milliseconds between two PINGs of the side that opened the stream. The other side hears them; otherwise it sends its own. */
const PING_INTERVAL = 5000;
/** Milliseconds of silence after which the other side sends one. */
const QUIET_TIME = 6000;
/** Milliseconds after which it measures anew how long a PING takes. */
const MEASURE_INTERVAL = 60_000;
/** Milliseconds of silence after which a connection is given up: a cable that is out for ten seconds costs 13.4. */
const SILENCE_TIME = 20_000;
/** Milliseconds within which the other side greets. */
const HELLO_TIME = 5000;

/** Milliseconds that a connection is left for what goes by it when another has taken its place: no answer takes longer. */
const RETIREMENT_TIME = 10_000;
/** The protocols whose streams make no use of a connection. */
const IDLE_PROTOCOLS: ReadonlySet<string> = new Set([PROTOCOLS.link, PROTOCOLS.pair]);

/** What a device says when it is connected. */
export type Hello = Omit<ReceivedRequest<"device.hello">, never>;

/** What a {@linkcode DeviceConnection} needs. */
interface DeviceConnectionOptions {
  /** The connection of libp2p. */
  readonly connection: Connection;
  /** Its stream for the channel. */
  readonly stream: Stream;
  /** Whether this side opened the stream. */
  readonly isOurs: boolean;
  /** How many bytes the other device may send in a second, over whatever connection. */
  readonly rate: Rate;
  /** What this device says. */
  hello(): Hello;
  /** The other side said `hello`, the first time or anew. @throws {GhostError} to end the connection with that error. */
  greeted(connection: DeviceConnection, hello: Hello): void | Promise<void>;
  /** It has ended. */
  ended(connection: DeviceConnection, error: GhostError | undefined): void;
  /** Answers the other side's requests. */
  readonly handlers: Handlers;
  /** Takes the other side's notices. */
  readonly notice: NonNullable<ChannelOptions["notice"]>;
}

/** One connection to another device: the channel over it, and its PINGs. */
export class DeviceConnection {
  /** The channel; the other side has greeted when it is handed out. */
  readonly channel: Channel;
  /** The connection of libp2p. */
  readonly connection: Connection;
  /** Whether this side opened it. */
  readonly isOurs: boolean;
  /** When it was made, by `performance.now()`. */
  readonly startedAt: number = performance.now();
  /** Which start of the other side's link this is. */
  instance: string | undefined;
  /** Name and version of the program there. */
  software: string | undefined;
  /** Milliseconds by which its clock is ahead of this one's. */
  clock: number | undefined;
  /** Milliseconds that the last PING took. */
  ping: number | undefined;
  readonly #options: DeviceConnectionOptions;
  readonly #transport: StreamTransport;
  readonly #abort = new AbortController();
  /** When the last PING was sent, by `performance.now()`. */
  #measuredAt = -Infinity;

  /** A connection over which nobody has greeted yet. */
  constructor(options: DeviceConnectionOptions) {
    const { connection, stream, isOurs, handlers, notice } = this.#options = options;
    this.connection = connection;
    this.isOurs = isOurs;
    this.#transport = new StreamTransport(stream, options.rate);
    const decoder = new FrameDecoder(SESSION_CAPS, false);
    this.channel = new Channel({ transport: this.#transport, decoder }, {
      handlers: answering({
        ...handlers,
        "device.hello": async (hello) => {
          await this.#greeted(hello);
          return options.hello();
        },
      }),
      notice,
      ended: (_channel, error) => {
        this.#abort.abort();
        options.ended(this, error);
      },
    });
    this.#keepAlive();
  }

  /**
   * Greets, for the first time or since this device's addresses changed; the other side's greeting is the answer.
   *
   * @throws {GhostError} why the other side, or this one, does not want the connection; `CONNECTION_LOST`.
   */
  async greet(): Promise<void> {
    const signal = AbortSignal.timeout(HELLO_TIME);
    const asked = Date.now();
    const hello = await request(this.channel, "device.hello", this.#options.hello(), { signal });
    // It has answered halfway, as far as anybody can tell.
    if (hello.time !== undefined) this.clock = hello.time - (asked + Date.now()) / 2;
    await this.#greeted(hello);
  }

  /** Whether the other side answers a PING within `milliseconds`. */
  async answers(milliseconds: number): Promise<boolean> {
    const waiting = new AbortController();
    const isThere = this.channel.taken().then(() => this.channel.open);
    const isLate = pause(milliseconds, waiting.signal).then(() => false);
    try {
      return await Promise.race([isThere, isLate]);
    } finally {
      waiting.abort();
    }
  }

  /**
   * Another connection has taken its place: it ends once nothing goes by it any more, and not before both sides know. A
   * device that carries others may lead some of them by it.
   */
  async retire(): Promise<void> {
    const { signal } = this.#abort;
    do await pause(RETIREMENT_TIME, signal); while (!signal.aborted && this.#isUsed());
    this.end(new GhostError("CONNECTION_LOST", "Another connection has taken its place"));
  }

  /** Ends it at once. */
  end(error: GhostError): void {
    this.channel.abort(error);
  }

  #isUsed(): boolean {
    return this.connection.streams.some(({ protocol }) => !IDLE_PROTOCOLS.has(protocol));
  }

  async #greeted(hello: Hello): Promise<void> {
    this.instance ??= hello.instance;
    this.software = hello.software;
    await this.#options.greeted(this, hello);
    if (this.ping === undefined) this.#measure();
  }

  async #keepAlive(): Promise<void> {
    const { signal } = this.#abort;
    for (let asleep = performance.now();; asleep = performance.now()) {
      await pause(PING_INTERVAL, signal);
      if (signal.aborted) return;
      const now = performance.now();
      // A process that was stopped itself has heard nothing, and has first to read what came meanwhile.
      const wasStopped = now - asleep > 2 * PING_INTERVAL;
      if (!wasStopped && now - this.#transport.heardAt > SILENCE_TIME) {
        return this.end(new GhostError("CONNECTION_LOST", "The other device does not answer"));
      }
      const wasHeard = now - this.#transport.heardAt < QUIET_TIME;
      if (this.isOurs || !wasHeard || now - this.#measuredAt > MEASURE_INTERVAL) this.#measure();
    }
  }

  /** Sends a PING, and remembers how long its answer takes. */
  #measure(): void {
    const sent = this.#measuredAt = performance.now();
    this.channel.taken().then(() => this.ping = performance.now() - sent);
  }
}
