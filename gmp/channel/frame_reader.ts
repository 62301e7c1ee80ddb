import type { Budget } from "../frames/budget.ts";
import type { Frame, FrameDecoder } from "../frames/decoder.ts";
import type { GhostError } from "../errors.ts";
import type { Outbox } from "../frames/outbox.ts";
import { connectionLost, type Transport } from "../transports/transport.ts";

/** Frames of one read after which the clock is looked at. */
const LOOK = 32;
/** Milliseconds after which a connection that has more to say lets the others have their turn. */
const TURN_TIME = 4;

/** What a {@linkcode FrameReader} does for its owner: one object for all owners of a kind. */
export interface FrameTaker<Owner> {
  /** True when it takes no more. */
  ended(owner: Owner): boolean;
  /** Takes a frame, valid during the call only; what it throws goes to `unreadable`. */
  take(owner: Owner, frame: Frame): void;
  /** What came is not GMP, or was not to come now: nothing more is read. */
  unreadable(owner: Owner, error: unknown): void;
  /** The other side has closed, or reading failed with `error`: nothing more is read. */
  lost(owner: Owner, error?: GhostError): void;
}

/**
 * The reading half of a channel, its owner: takes the frames of a connection one by one, those of one read together, and
 * reads on until the owner has ended. It makes no object for a read or a frame, since this is half of the hot path.
 */
export class FrameReader<Owner extends { readonly outbox: Outbox; readonly budget: Budget }> {
  /** True when anything came since this was set to false. */
  heard = true;
  readonly #transport: Transport;
  readonly #decoder: FrameDecoder;
  readonly #owner: Owner;
  readonly #taker: FrameTaker<Owner>;
  #pause: Promise<void> | undefined;
  /** Bytes of buffers that it is charged for. */
  #charged = 0;

  /** Reads for `owner` from `transport`, and before that what `decoder` has: frames may have come behind the handshake's. */
  constructor(transport: Transport, decoder: FrameDecoder, owner: Owner, taker: FrameTaker<Owner>) {
    this.#transport = transport;
    this.#decoder = decoder;
    this.#owner = owner;
    this.#taker = taker;
  }

  /** True while `pause` keeps it from reading. */
  get paused(): boolean {
    return this.#pause !== undefined;
  }

  /** Takes what is there, then reads. */
  start(): void {
    this.#takeFrames(0);
  }

  /** Reads nothing beyond what came already until `until` is resolved. */
  pause(until: Promise<void>): void {
    const pause = this.#pause = until.then(() => {
      this.heard = true;
      if (this.#pause === pause) this.#pause = undefined;
    });
  }

  /** Gives back what its buffers were charged: the connection has ended. */
  release(): void {
    this.#owner.budget.give(this.#charged);
    this.#charged = 0;
  }

  /** Takes the frames that are there when `count` more bytes have been read. */
  #takeFrames(count: number): void {
    const [decoder, owner, taker] = [this.#decoder, this.#owner, this.#taker];
    let start: number | undefined;
    try {
      if (count > 0) decoder.push(this.#transport.received(count), count);
      // What answers them leaves together, without a microtask for each read.
      owner.outbox.gather();
      for (let taken = 1; !taker.ended(owner); taken++) {
        const frame = decoder.next();
        if (frame === undefined) break;
        taker.take(owner, frame);
        if (taken % LOOK > 0) continue;
        const now = performance.now();
        start ??= now;
        if (now - start > TURN_TIME) {
          owner.outbox.flush();
          return void setImmediate(() => this.#takeFrames(0));
        }
      }
      owner.outbox.flush();
    } catch (error) {
      return taker.unreadable(owner, error);
    }
    this.#charge();
    if (this.#pause === undefined) this.#read();
    else this.#pause.then(this.#read);
  }

  /** Charges what its buffers have grown by: the bytes of a frame that has not come whole, and room to read. */
  #charge(): void {
    const grown = this.#decoder.capacity + (this.#transport.capacity ?? 0) - this.#charged;
    if (grown === 0 || this.#taker.ended(this.#owner)) return;
    this.#charged += grown;
    if (grown > 0) this.#owner.budget.take(grown);
    else this.#owner.budget.give(-grown);
  }

  // Bound once: a read happens in every call.
  readonly #read = (): void => {
    if (!this.#taker.ended(this.#owner)) this.#transport.read().then(this.#arrived, this.#failed);
  };

  readonly #arrived = (count: number | null): void => {
    if (this.#taker.ended(this.#owner)) return;
    if (count === null) return this.#taker.lost(this.#owner);
    this.heard = true;
    this.#takeFrames(count);
  };

  readonly #failed = (cause: unknown): void => this.#taker.lost(this.#owner, connectionLost(cause));
}
