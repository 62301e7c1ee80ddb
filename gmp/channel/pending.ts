import { Timer } from "../async/timer.ts";
import { type Body, decodeBody } from "../frames/body.ts";
import { type Frame, payloadOf } from "../frames/decoder.ts";
import { GhostError } from "../errors.ts";
import { rejection } from "../own_error.ts";
import { Flag, Kind } from "../frames/frame.ts";

/** A question that waits for its answer, in the table of a `Channel`. */
export interface Pending {
  /** Takes DATA for it, valid during the call only: true when nothing more is to come. */
  data(bytes: Uint8Array, flags: number): boolean;
  /** Takes its REPLY or RESULT, valid during the call only: true when nothing more is to come. */
  answer(frame: Frame): boolean;
  /** Takes its ERROR, or the end of the connection. */
  fail(error: GhostError): void;
}

/** Options of a request; `read` turns the body of the reply into a `Reply`. */
export interface RequestOptions<Reply = Body> {
  /** Makes the reply out of its body, which is the reply by default. If it throws, the request fails with that. */
  read?: (body: Body) => Reply;
  /** Cancels the request: CANCEL is sent and the promise is rejected with `CANCELLED`. */
  signal?: AbortSignal;
  /** Takes DATA for the request; the bytes are valid during the call only. */
  data?: (bytes: Uint8Array, flags: number) => void;
  /** Takes a reply that DATA follows, before the DATA; the promise resolves after the last of it. */
  head?: (reply: Reply) => void;
  /** Milliseconds to wait for the answer; no limit by default. */
  timeout?: number;
}

/** A REQUEST that waits for its REPLY. It owns its timer and its listener, and every way out clears both. */
export class PendingRequest<Reply = Body> implements Pending {
  /** Settled with the reply. */
  readonly promise: Promise<Reply>;
  readonly #settle: PromiseWithResolvers<Reply>;
  readonly #options: RequestOptions<Reply>;
  #timer: Timer | undefined;
  /** The reply, while the DATA that follows it is still coming. */
  #reply: { readonly value: Reply } | undefined;

  /** Calls `abandoned` when the caller's signal, the time limit or an unreadable reply ends the wait. */
  constructor(options: RequestOptions<Reply>, readonly abandoned: (error: GhostError) => void) {
    this.#settle = Promise.withResolvers();
    this.promise = this.#settle.promise;
    this.#options = options;
    options.signal?.addEventListener("abort", this.#cancelled, { once: true });
    if (options.timeout !== undefined) {
      const message = `Cannot go on: no answer came in ${options.timeout} ms`;
      this.#timer = new Timer(options.timeout, () => {
        this.abandoned(new GhostError("CONNECTION_LOST", message));
      });
    }
  }

  /** See {@linkcode Pending.data}. */
  data(bytes: Uint8Array, flags: number): boolean {
    this.#options.data?.(bytes, flags);
    // A reply flagged MORE is complete when the DATA after it is.
    return this.#reply !== undefined && (flags & Flag.MORE) === 0 && this.#resolve(this.#reply.value);
  }

  /** See {@linkcode Pending.answer}. */
  answer(frame: Frame): boolean {
    if (frame.kind !== Kind.REPLY) {
      throw new GhostError("BAD_REQUEST", "Cannot read the answer: it is not a REPLY");
    }
    const body = decodeBody(payloadOf(frame));
    const isLast = (frame.flags & Flag.MORE) === 0;
    let value: Reply;
    try {
      value = this.#options.read === undefined ? body as Reply : this.#options.read(body);
    } catch (error) {
      // The DATA that is to follow is of no use.
      if (isLast) this.fail(GhostError.from(error));
      else this.abandoned(GhostError.from(error));
      return true;
    }
    if (isLast) return this.#resolve(value);
    this.#reply = { value };
    this.#options.head?.(value);
    return false;
  }

  /** See {@linkcode Pending.fail}. */
  fail(error: GhostError): void {
    this.#release();
    this.#settle.resolve(rejection(error));
  }

  #resolve(reply: Reply): true {
    this.#release();
    this.#settle.resolve(reply);
    return true;
  }

  #release(): void {
    this.#timer?.cancel();
    this.#options.signal?.removeEventListener("abort", this.#cancelled);
  }

  readonly #cancelled = (): void => {
    this.abandoned(new GhostError("CANCELLED", undefined, { cause: this.#options.signal?.reason }));
  };
}
