import type { Budget } from "../frames/budget.ts";
import type { Channel } from "./channel.ts";
import { Flag, Kind, SESSION_CAPS } from "../frames/frame.ts";

/** Bytes of a CALL or RESULT that need no DATA behind them. */
export const WHOLE_VALUES: number = SESSION_CAPS[Kind.CALL]!;
/** Bytes of each frame of longer ones: buffers of that size stay in caches, and the other side begins before all has left. */
const PIECE = 1 << 16;
/** Bytes that may wait in the outbox when a further piece goes into it. */
const CONGESTED = 1 << 18;

/** Sends values that are longer than a frame, one after the other, as fast as the other side takes them. */
export class ValueSender {
  readonly #channel: Channel;
  #last: Promise<void> = Promise.resolve();

  /** Sends over `channel`, as long as it is open. */
  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /**
   * Sends a frame of `kind` with `bytes`, which are not copied, and DATA; behind those that were sent before. Until it is
   * sent it is charged to `budget`, if one is given. Resolves when it is.
   */
  send(kind: Kind, id: number, bytes: Uint8Array, budget?: Budget): Promise<void> {
    budget?.take(bytes.length);
    const sent = this.#last.then(() => this.#send(kind, id, bytes)).finally(() => budget?.give(bytes.length));
    return this.#last = sent;
  }

  async #send(kind: Kind, id: number, bytes: Uint8Array): Promise<void> {
    const { outbox } = this.#channel;
    let start = 0;
    for (let end = PIECE;; end = start + PIECE) {
      if (outbox.size > CONGESTED) await outbox.drained(CONGESTED);
      if (!this.#channel.open) return;
      const more = end < bytes.length ? Flag.MORE : 0;
      outbox.append(start === 0 ? kind : Kind.DATA, more, 0, id, bytes.subarray(start, end));
      if (more === 0) return;
      start = end;
    }
  }
}
