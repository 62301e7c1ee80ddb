import type { Channel } from "./channel.ts";
import { GhostError } from "../errors.ts";
import { errorPayload } from "../frames/error_payload.ts";
import { CONNECTION_BUDGET } from "../frames/budget.ts";
import { DATA_CAP, Flag, Kind } from "../frames/frame.ts";
import { type ByteSource, PIECE_COST, type StreamOwner } from "./incoming_stream.ts";

/** Bytes that may wait in the outbox when a further piece goes into it. */
const CONGESTED = 1 << 18;
const NOTHING = new Uint8Array(0);
/** Most that the other side may ask for ahead: more than any window. */
const MAX_CREDIT = 2 ** 32 - 1;

/** A stream that is sent as the other side asks for it: its source is not touched before. */
export class OutgoingBytes {
  readonly #channel: Channel;
  readonly #owner: StreamOwner;
  readonly #number: number;
  readonly #source: ByteSource;
  #credit = 0;
  /** What is left of a piece that is longer than DATA may be, and what it takes of the budget as long as it is held. */
  #rest: Uint8Array | undefined;
  #held = 0;
  #isSending = false;
  #isOver = false;

  /** Stream `number` of a call of `owner`. */
  constructor(channel: Channel, owner: StreamOwner, number: number, source: ByteSource) {
    this.#channel = channel;
    this.#owner = owner;
    this.#number = number;
    this.#source = source;
  }

  /** The other side takes so much more. */
  credit(bytes: number): void {
    this.#credit = Math.min(this.#credit + bytes, MAX_CREDIT);
    if (!this.#isSending) this.#send();
  }

  /** It ends without a word, for `reason`. */
  drop(reason: GhostError): void {
    if (this.#isOver) return;
    this.#end();
    this.#source.cancel(reason);
  }

  /** It ends with `error`, which the other side gets. */
  fail(error: GhostError): void {
    if (this.#isOver) return;
    const { open, outbox } = this.#channel;
    if (open) outbox.append(Kind.ERROR, 0, this.#number, this.#owner.id, errorPayload(error));
    this.drop(error);
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    const { outbox } = this.#channel;
    try {
      while (this.#credit > 0 && !this.#isOver) {
        if (outbox.size > CONGESTED) await outbox.drained(CONGESTED);
        const piece = this.#rest ?? await this.#source.next();
        if (this.#isOver) return;
        this.#append(piece ?? NOTHING, piece === undefined || this.#source.isOne === true);
      }
    } catch (error) {
      // The source may not know: it was the piece that could not be sent.
      this.fail(GhostError.from(error, "CANCELLED"));
    } finally {
      this.#isSending = false;
    }
  }

  /** Sends `piece`, or as much of it as DATA may have. */
  #append(piece: Uint8Array, isLast: boolean): void {
    const isPart = piece.length > DATA_CAP;
    if (isPart && this.#rest === undefined) this.#hold(piece.length);
    this.#rest = isPart ? piece.subarray(DATA_CAP) : undefined;
    const bytes = isPart ? piece.subarray(0, DATA_CAP) : piece;
    this.#credit -= bytes.length + PIECE_COST;
    const flags = isPart ? Flag.MORE | Flag.PART : isLast ? 0 : Flag.MORE;
    this.#channel.outbox.append(Kind.DATA, flags, this.#number, this.#owner.id, bytes);
    if (!isPart) this.#release();
    if (!isPart && isLast) this.#end();
  }

  #hold(bytes: number): void {
    const { budget } = this.#channel;
    if (!budget.fits(bytes)) {
      throw new GhostError(
        "TOO_MANY_REQUESTS",
        `Cannot send an element of a stream: this connection has ${CONNECTION_BUDGET} bytes held for it`,
      );
    }
    budget.take(bytes);
    this.#held = bytes;
  }

  #release(): void {
    this.#channel.budget.give(this.#held);
    this.#held = 0;
    this.#rest = undefined;
  }

  #end(): void {
    this.#isOver = true;
    this.#release();
    this.#owner.ended(this.#number);
  }
}
