import { Timer } from "../async/timer.ts";
import type { Channel } from "./channel.ts";
import type { FrameReader } from "./frame_reader.ts";
import { GhostError } from "../errors.ts";
import { Kind } from "../frames/frame.ts";

/** Sends PINGs at intervals, and ends a connection that stays silent. */
export class KeepAlive {
  readonly #channel: Channel;
  readonly #reader: FrameReader<Channel>;
  readonly #interval: number;
  readonly #patience: number;
  #timer: Timer;
  /** Intervals in a row in which nothing came. */
  #silent = 0;

  /** Every `interval` milliseconds; `channel` is lost after `patience` silent ones in a row. */
  constructor(channel: Channel, reader: FrameReader<Channel>, interval: number, patience: number) {
    this.#channel = channel;
    this.#reader = reader;
    this.#interval = interval;
    this.#patience = patience;
    this.#timer = this.#checkLater();
  }

  /** The connection has ended. */
  end(): void {
    this.#timer.cancel();
  }

  #checkLater(): Timer {
    return new Timer(this.#interval, () => this.#check());
  }

  #check(): void {
    // A paused connection is not read, so its silence means nothing.
    this.#silent = this.#reader.heard || this.#reader.paused ? 0 : this.#silent + 1;
    if (this.#silent >= this.#patience) {
      return this.#channel.abort(new GhostError("CONNECTION_LOST", "The other side does not answer"));
    }
    this.#reader.heard = false;
    this.#channel.outbox.reserve(Kind.PING, 0, 0, 0, 0);
    this.#timer = this.#checkLater();
  }
}
