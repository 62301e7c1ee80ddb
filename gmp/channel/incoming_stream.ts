import type { Channel } from "./channel.ts";
import { GhostError } from "../errors.ts";
import { CONNECTION_BUDGET } from "../frames/budget.ts";
import { MAX_GATHERED_BYTES } from "./gathering.ts";
import { Flag, Kind } from "../frames/frame.ts";

/** Bytes of a stream that may be on their way, or wait to be taken. */
const STREAM_WINDOW: number = 1 << 18;
/** What each DATA takes of that beside its bytes: small ones cost memory, too. */
export const PIECE_COST = 256;

/** What one DATA has brought. */
interface Arrived {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether it ends within an element. */
  readonly isPart: boolean;
}

/** Bytes, piece by piece, each with whole elements. */
export interface ByteSource {
  /** The next piece; `undefined` at the end. */
  next(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Nobody wants any more. */
  cancel(reason?: unknown): void;
  /** Whether there is only one piece. */
  readonly isOne?: boolean;
}

/** The call to which a stream belongs. */
export interface StreamOwner {
  /** The id of the call. */
  readonly id: number;
  /** Stream `number` has ended. */
  ended(number: number): void;
}

/** A stream that the other side sends, as it is asked to. */
export class IncomingStream implements ByteSource {
  readonly #channel: Channel;
  readonly #owner: StreamOwner;
  readonly #number: number;
  #pieces: Arrived[] = [];
  /** What was taken of a piece whose end has not been. */
  #parts: Uint8Array<ArrayBuffer>[] = [];
  /** Bytes that have come of a piece whose end has not. */
  #unfinished = 0;
  #held = 0;
  /** What the other side may still send, and what has been taken since it was told. */
  #credit = 0;
  #taken = STREAM_WINDOW;
  #state: "open" | "ended" | "failed" = "open";
  #error: GhostError | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;

  /** Stream `number` of a call of `owner`. */
  constructor(channel: Channel, owner: StreamOwner, number: number) {
    this.#channel = channel;
    this.#owner = owner;
    this.#number = number;
  }

  /** See {@linkcode ByteSource.next}. @throws {GhostError} what has ended it. */
  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#taken += piece.bytes.length + PIECE_COST;
        this.#ask(STREAM_WINDOW / 2);
        this.#parts.push(piece.bytes);
        if (piece.isPart) continue;
        return this.#whole();
      }
      if (this.#error !== undefined) {
        this.#drop();
        throw this.#error;
      }
      if (this.#state !== "open") return undefined;
      this.#ask(1);
      this.#waiting ??= Promise.withResolvers();
      await this.#waiting.promise;
    }
  }

  /** See {@linkcode ByteSource.cancel}. */
  cancel(): void {
    if (this.#state === "open" && this.#channel.open) {
      this.#channel.outbox.reserve(Kind.CANCEL, 0, this.#number, this.#owner.id, 0);
    }
    this.#end("ended");
    this.#drop();
  }

  /** Takes DATA of it. */
  take(bytes: Uint8Array, flags: number): void {
    if (this.#state !== "open") return;
    const more = (flags & Flag.MORE) !== 0;
    const isPart = (flags & Flag.PART) !== 0;
    this.#unfinished += bytes.length;
    if (this.#unfinished > MAX_GATHERED_BYTES) {
      return this.#refuse("PAYLOAD_TOO_LARGE", `an element has more than ${MAX_GATHERED_BYTES} bytes`);
    }
    if (!more && (isPart || bytes.length === 0 && this.#unfinished > 0)) {
      return this.#refuse("BAD_REQUEST", "it ends within an element");
    }
    if (!isPart) this.#unfinished = 0;
    const cost = bytes.length + PIECE_COST;
    if (bytes.length > 0) {
      if (this.#credit <= 0) return this.#refuse("BAD_REQUEST", "more came than was asked for");
      this.#credit -= cost;
      if (!this.#channel.budget.fits(cost)) {
        return this.#refuse(
          "TOO_MANY_REQUESTS",
          `this connection has ${CONNECTION_BUDGET} bytes held for it`,
        );
      }
      this.#channel.budget.take(cost);
      this.#held += cost;
      this.#pieces.push({ bytes: bytes.slice(), isPart });
    } else if (more) {
      return this.#refuse("BAD_REQUEST", "DATA without bytes came, and was not the last");
    }
    if (!more) this.#end("ended");
    this.#wake();
  }

  /** It ends with `error`, after what has come already. */
  fail(error: GhostError): void {
    if (this.#state !== "open") return;
    this.#error = error;
    this.#end("failed");
    this.#wake();
  }

  #refuse(code: "BAD_REQUEST" | "TOO_MANY_REQUESTS" | "PAYLOAD_TOO_LARGE", reason: string): void {
    const error = new GhostError(code, `Cannot read the stream: ${reason}`);
    if (this.#channel.open) {
      this.#channel.outbox.reserve(Kind.CANCEL, 0, this.#number, this.#owner.id, 0);
    }
    this.#drop();
    this.fail(error);
  }

  /** The parts of a piece, as one. */
  #whole(): Uint8Array<ArrayBuffer> {
    const parts = this.#parts;
    this.#parts = [];
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const cost = length + parts.length * PIECE_COST;
    this.#held -= cost;
    this.#channel.budget.give(cost);
    return parts.length === 1 ? parts[0]! : concat(parts, length);
  }

  /** Asks for as much as has been taken, if that is at least `least`. */
  #ask(least: number): void {
    if (this.#state !== "open" || this.#taken < least || !this.#channel.open) return;
    const { outbox } = this.#channel;
    const offset = outbox.reserve(Kind.CREDIT, 0, this.#number, this.#owner.id, 4);
    outbox.view.setUint32(offset, this.#taken, true);
    this.#credit += this.#taken;
    this.#taken = 0;
  }

  #end(state: "ended" | "failed"): void {
    if (this.#state !== "open") return;
    this.#state = state;
    this.#owner.ended(this.#number);
    this.#wake();
  }

  #drop(): void {
    this.#channel.budget.give(this.#held);
    this.#held = 0;
    this.#pieces = [];
    this.#parts = [];
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}

function concat(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
