import type { Connection, Stream } from "@libp2p/interface";
import { pause } from "../../../gmp/async/pause.ts";
import { untilAborted } from "../../../gmp/async/until_aborted.ts";
import { hearing, notify } from "../../../gmp/channel/messages.ts";
import type { Channel, ChannelOptions } from "../../../gmp/channel/channel.ts";
import type { Handlers } from "../../../gmp/channel/messages.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { PROTOCOLS } from "./endpoint.ts";
import { DeviceConnection, type Hello } from "./device_connection.ts";
import { Rate } from "./rate.ts";

/** Milliseconds within which two connections count as dialled by both sides at once. */
const SIMULTANEOUS_TIME = 5000;
/** Milliseconds within which a connection that is to be replaced by that of another process must answer. */
const ANSWER_TIME = 2000;
/** Milliseconds between two dials: the first, the longest of the first minutes, and the longest. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 5000;
const LONGEST_IDLE_PAUSE = 30_000;
/** Milliseconds after which a device that cannot be reached is dialled less often. */
const EAGER_TIME = 600_000;
/** Milliseconds between two tries to do without the device that carries a connection: at first, and at most. */
const FIRST_STRAIGHTEN_PAUSE = 2000;
const LONGEST_STRAIGHTEN_PAUSE = 30_000;
/** Milliseconds that the device with the greater key waits before it dials when both have a reason to. */
const COURTESY = 500;

/** Bytes of the channel that a device may send in a second, and at once: each of its frames costs microseconds of the link. */
const CHANNEL_RATE = 1 << 17;
const MAX_CHANNEL_BURST = 1 << 20;

/** What a {@linkcode KeptDevice} needs of its host. */
export interface KeptDeviceHost {
  /** This device's own key. */
  readonly ownId: string;
  /** What this device says. */
  hello(): Hello;
  /** A connection to the device `id` at any of its addresses. @throws when there is none. */
  dial(id: string, signal: AbortSignal): Promise<Connection>;
  /** The same, but not over another device. */
  dialDirectly(id: string, signal: AbortSignal): Promise<Connection>;
  /** A stream for the channel over `connection`. */
  openLink(connection: Connection, signal: AbortSignal): Promise<Stream>;
  /** The other side said `hello`: its addresses may be others. */
  greeted(id: string, hello: Hello, connection: Connection): void;
  /** There is a connection, or there is none any more. */
  changed(id: string, error: GhostError | undefined): void;
  /** It was dialled in vain. */
  failed(id: string, error: unknown): void;
  /** The device has two homes, or this device has when `isOwn`. */
  copied(id: string, isOwn: boolean): void;
  /** The other device leaves, and says why. */
  left(id: string, reason: string | undefined): void;
  /** Answers the device's requests. */
  handlers(id: string): Handlers;
  /** Takes the device's notices. */
  notice(id: string): NonNullable<ChannelOptions["notice"]>;
}

/** A paired device, and the one connection to it that is kept up. */
export class KeptDevice {
  readonly #id: string;
  readonly #host: KeptDeviceHost;
  readonly #end = new AbortController();
  readonly #rate = new Rate(CHANNEL_RATE, MAX_CHANNEL_BURST);
  /** All that have not ended, also those over which nobody has greeted, or that another has replaced. */
  readonly #made = new Set<DeviceConnection>();
  #active: DeviceConnection | undefined;
  #lost = Promise.withResolvers<void>();
  #wake = new AbortController();
  #admitting: Promise<unknown> = Promise.resolve();
  #failingSince = performance.now();
  #keeping: Promise<void> | undefined;

  /** The device with the key `id`. */
  constructor(id: string, host: KeptDeviceHost) {
    this.#id = id;
    this.#host = host;
  }

  /** The connection, if there is one. */
  get active(): DeviceConnection | undefined {
    return this.#active;
  }

  /** Dials it, after `delay` milliseconds, whenever there is no connection. */
  start(delay = 0): void {
    this.#keeping ??= this.#keepUp(delay);
  }

  /** Dials again now if there is no connection. */
  wake(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /** Tells the device that this one's addresses are others; a connection over which that gets no answer is given up. */
  async greetAgain(): Promise<void> {
    const active = this.#active;
    if (active === undefined) return this.wake();
    try {
      await active.greet();
      // At new addresses there may be a way without the device that carries this connection.
      if (!active.connection.direct) this.wake();
    } catch (error) {
      active.end(new GhostError("CONNECTION_LOST", undefined, { cause: error }));
    }
  }

  /** The other side has opened `stream` for a channel over `connection`. */
  accept(connection: Connection, stream: Stream): void {
    this.#connect(connection, stream, false);
  }

  /** Opens the channel over `connection`. @throws when one side does not want it, or cannot. */
  async connect(connection: Connection, signal: AbortSignal): Promise<void> {
    const stream = await this.#host.openLink(connection, signal);
    const made = this.#connect(connection, stream, true);
    try {
      await made.greet();
    } catch (error) {
      made.end(GhostError.from(error, "CONNECTION_LOST"));
      throw error;
    }
  }

  /** Ends all connections, after telling the other side the reason, and dials no more. */
  async stop(reason: string | undefined): Promise<void> {
    this.#end.abort();
    const active = this.#active;
    if (active !== undefined) {
      if (reason !== undefined) notify(active.channel, "device.leaving", { reason });
      await active.channel.close();
    }
    for (const made of this.#made) made.end(new GhostError("CONNECTION_LOST", "This device has left"));
    await this.#keeping;
  }

  #connect(connection: Connection, stream: Stream, isOurs: boolean): DeviceConnection {
    const { hello, handlers, notice } = this.#host;
    let hasLeft = false;
    const leaving = hearing({
      "device.leaving": ({ reason }) => {
        if (!hasLeft) this.#host.left(this.#id, reason);
        hasLeft = true; // nobody leaves a connection twice
      },
    });
    const others = notice(this.#id);
    const made = new DeviceConnection({
      connection,
      stream,
      isOurs,
      rate: this.#rate,
      hello: hello.bind(this.#host),
      handlers: handlers.call(this.#host, this.#id),
      notice: (name, body, channel: Channel) => {
        leaving(name, body, channel);
        others(name, body, channel);
      },
      greeted: async (made, said) => {
        if (made !== this.#active) await this.#admitInTurn(made, said);
        this.#host.greeted(this.#id, said, connection);
      },
      ended: (made, error) => this.#ended(made, error),
    });
    this.#made.add(made);
    return made;
  }

  #admitInTurn(made: DeviceConnection, hello: Hello): Promise<void> {
    const admitted = this.#admitting.then(() => this.#admit(made, hello));
    this.#admitting = admitted.catch(() => {});
    return admitted;
  }

  /** Makes `made` the connection, unless the one that there is stays. @throws {GhostError} when it does. */
  async #admit(made: DeviceConnection, { instance }: Hello): Promise<void> {
    const active = this.#active;
    if (this.#end.signal.aborted) {
      throw new GhostError("CONNECTION_DENIED", "Cannot connect: the device has left");
    }
    let isRace = false;
    if (active?.channel.open) {
      if (active.instance !== instance && await active.answers(ANSWER_TIME)) {
        this.#host.copied(this.#id, false);
        throw new GhostError(
          "CONNECTION_DENIED",
          "Cannot connect: another device with the same key is connected, so its home was copied",
          { details: { reason: COPIED } },
        );
      }
      isRace = active.instance === instance && active.isOurs !== made.isOurs &&
        performance.now() - active.startedAt < SIMULTANEOUS_TIME;
      const isOursToStay = this.#host.ownId < this.#id;
      if (isRace && active.isOurs === isOursToStay) {
        // The other side has answered, and may have used it since.
        if (made.isOurs) return void made.retire();
        throw new GhostError("CONNECTION_DENIED", "Cannot connect: there is a connection already");
      }
    }
    if (!made.channel.open) throw new GhostError("CONNECTION_LOST");
    this.#active = made;
    if (active === undefined) return this.#host.changed(this.#id, undefined);
    // What goes by the one that there was may go on: the other side may not even know yet that it has two.
    if (isRace || isShorter(made, active, instance)) return void active.retire();
    // The other side has lost it, perhaps with its address: what goes by it is lost here, too.
    const replaced = new GhostError("CONNECTION_LOST", "Another connection has taken its place");
    active.end(replaced);
    if (active.connection !== made.connection) active.connection.abort(new Error("Replaced"));
    this.#host.changed(this.#id, replaced);
    this.#host.changed(this.#id, undefined);
  }

  #ended(made: DeviceConnection, error: GhostError | undefined): void {
    this.#made.delete(made);
    if (error?.details?.reason === COPIED) this.#host.copied(this.#id, true);
    const active = this.#active;
    if (made === active) {
      this.#active = undefined;
      this.#failingSince = performance.now();
      this.#lost.resolve();
      this.#lost = Promise.withResolvers();
      this.#host.changed(this.#id, error ?? new GhostError("CONNECTION_LOST", "The other device has left"));
    }
    if (made.connection !== this.#active?.connection) closeConnection(made.connection);
  }

  /** Puts a connection of its own in the place of one over another device, as soon as there can be one. */
  async #straighten(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    this.#lost.promise.then(() => over.abort());
    for (let wait = FIRST_STRAIGHTEN_PAUSE;;) {
      const woken = this.#wake.signal;
      await pause(wait, AbortSignal.any([signal, over.signal, woken]));
      if (this.#active === undefined || this.#active.connection.direct || signal.aborted) return;
      wait = woken.aborted ? FIRST_STRAIGHTEN_PAUSE : Math.min(2 * wait, LONGEST_STRAIGHTEN_PAUSE);
      try {
        await this.connect(await this.#host.dialDirectly(this.#id, signal), signal);
      } catch {
        // The way over the other device is still there.
      }
    }
  }

  async #keepUp(delay: number): Promise<void> {
    const { signal } = this.#end;
    const { ownId } = this.#host;
    await pause(delay, signal);
    for (let next = FIRST_PAUSE; !signal.aborted;) {
      if (this.#active !== undefined) {
        const { connection } = this.#active;
        if (!connection.direct) {
          await this.#straighten(signal);
          continue;
        }
        await untilAborted(this.#lost.promise, signal).catch(() => {});
        next = FIRST_PAUSE;
        await pause(ownId < this.#id ? 0 : COURTESY, signal);
        continue;
      }
      const wake = AbortSignal.any([signal, this.#wake.signal]);
      try {
        await this.connect(await this.#host.dial(this.#id, signal), signal);
      } catch (error) {
        this.#host.failed(this.#id, error); // it is told to whoever asks for it
      }
      if (this.#active !== undefined) continue;
      await pause(next * (1 + Math.random() / 4), wake);
      // Both may be woken at once, as by a device that carries others.
      if (wake.aborted && ownId > this.#id) await pause(COURTESY, signal);
      const isEager = performance.now() - this.#failingSince < EAGER_TIME;
      next = wake.aborted ? FIRST_PAUSE : Math.min(next * 2, isEager ? LONGEST_PAUSE : LONGEST_IDLE_PAUSE);
    }
  }
}

/** Whether `made` leads straight to the same device, to which `active` leads over another one. */
function isShorter(made: DeviceConnection, active: DeviceConnection, instance: string): boolean {
  return active.channel.open && active.instance === instance && made.connection.direct &&
    !active.connection.direct;
}

/** The reason, for programs, of a refusal to connect a second device with the same key. */
const COPIED = "copied";

/** A pipe that is cut has not ended: the other side must not take it for all that was to come. */
async function closeConnection(connection: Connection): Promise<void> {
  const cut = new Error("The connection has ended");
  for (const stream of connection.streams) if (stream.protocol === PROTOCOLS.pipe) stream.abort(cut);
  try {
    await connection.close();
  } catch (error) {
    connection.abort(error instanceof Error ? error : new Error(String(error)));
  }
}
