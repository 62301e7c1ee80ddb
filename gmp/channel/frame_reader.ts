import type { Budget } from "../frames/budget.ts";
import type { Frame, FrameDecoder } from "../frames/decoder.ts";
import type { GhostError } from "../errors.ts";
import type { Outbox } from "../frames/outbox.ts";
import { connectionLost, type Transport } from "../transports/transport.ts";

/** Frames after which the clock is checked. */
const LOOK = 32;
/** Milliseconds after which a connection with more frames lets the others have their turn. */
const TURN_TIME = 4;

/** What a {@linkcode FrameReader} does for its owner: one object for all owners of a kind. */
export interface FrameHandler<Owner> {
  /** True when it takes no more. */
  ended(owner: Owner): boolean;
  /** Handles a frame, valid during the call only; what it throws goes to `unreadable`. */
  handle(owner: Owner, frame: Frame): void;
  /** What came is not GMP, or must not come now: nothing more is read. */
  unreadable(owner: Owner, error: unknown): void;
  /** The other side has closed, or reading failed with `error`: nothing more is read. */
  lost(owner: Owner, error?: GhostError): void;
}

/**
 * The reading half of a channel, which is its owner: it passes the frames of a connection on one by one and reads until
 * the owner has ended. It makes no object for a read or a frame, since it is half of the hot path.
 */
export class FrameReader<Owner extends { readonly outbox: Outbox; readonly budget: Budget }> {
  /** Set when anything comes; whoever checks it sets it to false. */
  heard = true;
  readonly #transport: Transport;
  readonly #decoder: FrameDecoder;
  readonly #owner: Owner;
  readonly #handler: FrameHandler<Owner>;
  #pause: Promise<void> | undefined;
  #hold: Promise<void> | undefined;
  /** Bytes of its buffers that have been charged. */
  #charged = 0;

  /** Reads for `owner` what is left in `decoder` (frames may follow the handshake's), and then from `transport`. */
  constructor(transport: Transport, decoder: FrameDecoder, owner: Owner, handler: FrameHandler<Owner>) {
    this.#transport = transport;
    this.#decoder = decoder;
    this.#owner = owner;
    this.#handler = handler;
  }

  /** True while `pause` keeps it from reading. */
  get paused(): boolean {
    return this.#pause !== undefined || this.#hold !== undefined;
  }

  /** Takes the frames that are there, then reads. */
  start(): void {
    this.#takeFrames(0);
  }

  /** Takes what has come already, and reads nothing more until `until` resolves. */
  pause(until: Promise<void>): void {
    const pause = this.#pause = until.then(() => {
      this.heard = true;
      if (this.#pause === pause) this.#pause = undefined;
    });
  }

  /** Takes nothing more, not even what has come already, until `until` resolves. */
  hold(until: Promise<void>): void {
    const hold = this.#hold = until.then(() => {
      this.heard = true;
      if (this.#hold === hold) this.#hold = undefined;
    });
  }

  /** Gives back what was charged for its buffers: the connection has ended. */
  release(): void {
    this.#owner.budget.give(this.#charged);
    this.#charged = 0;
  }

  /** Takes the frames that are there after a read of `count` bytes. */
  #takeFrames(count: number): void {
    const [decoder, owner, handler] = [this.#decoder, this.#owner, this.#handler];
    let start: number | undefined;
    try {
      if (count > 0) decoder.push(this.#transport.received(count), count);
      // Their answers leave together, without a microtask for each read.
      owner.outbox.gather();
      for (let taken = 1; !handler.ended(owner); taken++) {
        const frame = decoder.next();
        if (frame === undefined) break;
        handler.handle(owner, frame);
        if (this.#hold !== undefined) {
          owner.outbox.flush();
          return void this.#hold.then(() => this.#takeFrames(0));
        }
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
      return handler.unreadable(owner, error);
    }
    this.#charge();
    if (this.#pause === undefined) this.#read();
    else this.#pause.then(this.#read);
  }

  /** Charges the growth of its buffers: for an unfinished frame, and for reading. */
  #charge(): void {
    const grown = this.#decoder.capacity + (this.#transport.capacity ?? 0) - this.#charged;
    if (grown === 0 || this.#handler.ended(this.#owner)) return;
    this.#charged += grown;
    if (grown > 0) this.#owner.budget.take(grown);
    else this.#owner.budget.give(-grown);
  }

  // Bound once, since every call reads.
  readonly #read = (): void => {
    if (!this.#handler.ended(this.#owner)) this.#transport.read().then(this.#arrived, this.#failed);
  };

  readonly #arrived = (count: number | null): void => {
    if (this.#handler.ended(this.#owner)) return;
    if (count === null) return this.#handler.lost(this.#owner);
    this.heard = true;
    this.#takeFrames(count);
  };

  readonly #failed = (cause: unknown): void => this.#handler.lost(this.#owner, connectionLost(cause));
}
