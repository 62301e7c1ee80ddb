import { connect } from "node:net";
import { GhostError } from "../../../gmp/errors.ts";
import { bothEnds } from "./both_ends.ts";
import { Offers, TOKEN_SIZE } from "./offers.ts";
import { OneShotPorts } from "./one_shot_ports.ts";
import type { PipeEnd } from "./pipe_end.ts";
import { pump } from "./pump.ts";
import { SocketEnd } from "./socket_end.ts";
import { startOf } from "./start_of.ts";

/** Pipes between this device and one other, with those that are being opened: 256 sessions and more. */
const MAX_PIPES = 1024;
/** Milliseconds in which the token of a pipe must come. */
const TOKEN_TIME = 5000;

/** Times of {@linkcode Pipes} other than the usual ones, in milliseconds. */
interface PipeTimes {
  /** That an offer, and a port, waits to be used; 30 s. */
  readonly unused?: number;
  /** In which the token of a pipe must come; 5 s. */
  readonly token?: number;
}

/** What a pipe leads to: a port of this device's loopback, or whatever this opens when the pipe comes. */
type PipeTarget = number | (() => Promise<PipeEnd>);

/** What a pipe begins with, and what came behind that. */
type Start = Awaited<ReturnType<typeof startOf>>;

function dialPort(port: number): PipeEnd {
  return new SocketEnd(connect({ host: "127.0.0.1", port, allowHalfOpen: true }));
}

/** A pipe that is open or on its way. */
class Pipe {
  readonly #parts: { abort(): void }[] = [];
  #isOver = false;

  /** Makes `part` end with this pipe. @throws {GhostError} `CANCELLED` when that has ended already. */
  hold<T extends { abort(): void }>(part: T): T {
    this.#parts.push(part);
    if (!this.#isOver) return part;
    part.abort();
    throw new GhostError("CANCELLED");
  }

  /** Ends it. */
  abort(): void {
    this.#isOver = true;
    for (const part of this.#parts) part.abort();
  }
}

/**
 * The pipes of a link: from a port of this device's loopback through another device to a port of that one's. A device
 * reaches here only what a node has offered it.
 */
export class Pipes {
  readonly #offers: Offers<PipeTarget>;
  readonly #ports: OneShotPorts;
  readonly #tokenTime: number;
  readonly #ofDevices = new Map<string, Set<Pipe>>();

  /** None so far. */
  constructor(times: PipeTimes = {}) {
    this.#offers = new Offers(times.unused);
    this.#ports = new OneShotPorts(times.unused);
    this.#tokenTime = times.token ?? TOKEN_TIME;
  }

  /** Pipes between this device and `device`, with those that are being opened. */
  count(device: string): number {
    return this.#ofDevices.get(device)?.size ?? 0;
  }

  /** Lets `device` reach `target` once within 30 s, by a pipe that begins with the token returned. */
  offer(device: string, target: PipeTarget): Uint8Array {
    return this.#offers.make(device, target);
  }

  /**
   * Opens a port on 127.0.0.1 for one connection within 30 s, and joins that to what `reach` opens to `device` when it
   * comes. Where that fails, the connection is closed.
   *
   * @throws {GhostError} `TOO_MANY_CONNECTIONS` when the device has too many pipes, or too many ports wait;
   * `RESOURCE_EXHAUSTED`.
   */
  async openOnce(device: string, reach: () => Promise<PipeEnd>): Promise<number> {
    const pipe = this.#begin(device) ?? tooMany(device);
    const over = () => this.#over(device, pipe);
    const take = async (near: PipeEnd) => {
      try {
        pipe.hold(near);
        await pump(near, pipe.hold(await reach()));
      } catch {
        near.abort(); // whoever dialled asks again, and is told why
      } finally {
        over();
      }
    };
    try {
      return pipe.hold(await this.#ports.open(take, over)).number;
    } catch (error) {
      over();
      throw error;
    }
  }

  /**
   * Joins what `here` opens on this device to what `reach` opens to `device`, both at once. Resolves when they are open, with
   * a promise that resolves when they have closed.
   *
   * @throws {GhostError} `TOO_MANY_CONNECTIONS` when the device has too many pipes; what the first to fail throws;
   * `CANCELLED` when `signal` has aborted, or the pipe was ended meanwhile. Neither end is left open then.
   */
  async join(
    device: string,
    here: () => Promise<PipeEnd>,
    reach: () => Promise<PipeEnd>,
    signal?: AbortSignal,
  ): Promise<{ readonly over: Promise<void> }> {
    const pipe = this.#begin(device) ?? tooMany(device);
    const abort = () => pipe.abort();
    signal?.addEventListener("abort", abort, { once: true });
    const open = async (end: () => Promise<PipeEnd>) => pipe.hold(await end());
    try {
      if (signal?.aborted) throw new GhostError("CANCELLED");
      const ends = await bothEnds(open(here), open(reach));
      return { over: pump(...ends).finally(() => this.#over(device, pipe)) };
    } catch (error) {
      this.#over(device, pipe);
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * Serves a pipe that `device` has opened: its first 16 bytes are the token of an offer, the rest goes to that offer's
   * port. Closes it without a word when there is no such offer for that device, when the token does not come in time, or
   * when the device has too many pipes. Resolves when it has ended.
   */
  async serve(device: string, far: PipeEnd): Promise<void> {
    await this.#serve(device, far, () => startOf(far, TOKEN_SIZE, this.#tokenTime));
  }

  /** As {@linkcode Pipes.serve}, for a pipe whose token has been read from it. */
  async serveToken(device: string, token: Uint8Array, far: PipeEnd): Promise<void> {
    await this.#serve(device, far, () => ({ start: token, rest: new Uint8Array(0) }));
  }

  async #serve(
    device: string,
    far: PipeEnd,
    begin: () => Start | Promise<Start>,
  ): Promise<void> {
    const pipe = this.#begin(device);
    if (pipe === undefined) return far.abort();
    try {
      pipe.hold(far);
      const { start, rest } = await begin();
      const target = this.#offers.take(device, start);
      if (target === undefined) return far.abort();
      const near = pipe.hold(typeof target === "number" ? dialPort(target) : await target());
      if (rest.length > 0) near.send(rest);
      await pump(far, near);
    } catch (error) {
      far.abort();
      if (!(error instanceof GhostError)) throw error; // it has ended by itself
    } finally {
      this.#over(device, pipe);
    }
  }

  /** Ends all pipes of `device` at once, and drops its offers. */
  closeDevice(device: string): void {
    this.#offers.drop(device);
    const pipes = this.#ofDevices.get(device) ?? [];
    this.#ofDevices.delete(device);
    for (const pipe of pipes) pipe.abort();
  }

  /** Ends everything. */
  close(): void {
    this.#ports.close();
    this.#offers.close();
    for (const device of this.#ofDevices.keys()) this.closeDevice(device);
  }

  #begin(device: string): Pipe | undefined {
    const pipes = this.#ofDevices.get(device) ?? new Set();
    if (pipes.size >= MAX_PIPES) return undefined;
    const pipe = new Pipe();
    pipes.add(pipe);
    this.#ofDevices.set(device, pipes);
    return pipe;
  }

  #over(device: string, pipe: Pipe): void {
    const pipes = this.#ofDevices.get(device);
    if (pipes?.delete(pipe) && pipes.size === 0) this.#ofDevices.delete(device);
  }
}

function tooMany(device: string): never {
  throw new GhostError(
    "TOO_MANY_CONNECTIONS",
    `Cannot reach device "${device}": it has ${MAX_PIPES} pipes already`,
  );
}
