import { type Body, encodeBody } from "../frames/body.ts";
import type { Channel } from "./channel.ts";
import type { Frame } from "../frames/decoder.ts";
import { GhostError } from "../errors.ts";
import { Kind, SESSION_CAPS } from "../frames/frame.ts";
import { type OperationName, OPERATIONS } from "../messages/operations.ts";
import { ownError } from "../own_error.ts";
import { type Pending, PendingRequest, type RequestOptions } from "./pending.ts";

/** A request that was sent. */
export interface Asked<Reply = Body> {
  /** Its id; 0 when it could not be sent. */
  readonly id: number;
  /** The reply. */
  readonly reply: Promise<Reply>;
}

/** A request that DATA follows. */
export interface OutgoingStream<Reply = Body> extends Asked<Reply> {
  /** Sends DATA, the last with `more` false; a promise when the sender should wait. */
  send(bytes: Uint8Array, more: boolean): Promise<void> | undefined;
}

/** The asking half of a {@linkcode Channel}: the questions that wait for an answer of the other side. */
export class Questions {
  readonly #channel: Channel;
  /** By id; made with the first question, since a daemon asks none. */
  #pending: Map<number, Pending> | undefined;
  #nextId = 1;
  #answered = false;

  /** Asks on `channel`. */
  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** How many wait. */
  get size(): number {
    return this.#pending?.size ?? 0;
  }

  /** True when any was answered, even by an error. */
  get answered(): boolean {
    return this.#answered;
  }

  /** True while `id` waits. */
  has(id: number): boolean {
    return this.#pending?.has(id) ?? false;
  }

  /** Sends a REQUEST with `flags`. Whatever keeps it from being sent rejects its reply. */
  ask<Reply>(
    operation: OperationName,
    body: Body,
    flags: number,
    options: RequestOptions<Reply>,
  ): Asked<Reply> {
    const pending: PendingRequest<Reply> = new PendingRequest(options, (error) => this.abandon(id, error));
    let id = 0;
    try {
      const { signal } = options;
      if (signal?.aborted) throw new GhostError("CANCELLED", undefined, { cause: signal.reason });
      const payload = encodeBody(body);
      const cap = SESSION_CAPS[Kind.REQUEST]!;
      if (payload.length > cap) {
        const message = `Cannot ask: the request of ${payload.length} bytes is larger than ${cap}`;
        throw new GhostError("PAYLOAD_TOO_LARGE", message);
      }
      id = this.expect(pending);
      this.#channel.outbox.append(Kind.REQUEST, flags, OPERATIONS[operation], id, payload);
    } catch (error) {
      pending.fail(GhostError.from(error));
    }
    return { id, reply: pending.promise };
  }

  /** Registers `pending` and returns the id to ask under. @throws {GhostError} `CONNECTION_LOST` when ended. */
  expect(pending: Pending): number {
    if (!this.#channel.open) {
      throw new GhostError("CONNECTION_LOST", "Cannot ask: the connection has ended");
    }
    const underWay = this.#pending ??= new Map();
    let id = this.#nextId;
    while (underWay.has(id)) id = after(id);
    this.#nextId = after(id);
    underWay.set(id, pending);
    return id;
  }

  /** Stops waiting for `id`: it fails with `error`, and CANCEL is sent unless `quietly`. False if it is not waiting. */
  abandon(id: number, error: GhostError, quietly = false): boolean {
    const pending = this.#pending?.get(id);
    if (pending === undefined) return false;
    this.#pending!.delete(id);
    if (!quietly && this.#channel.open) this.#channel.outbox.reserve(Kind.CANCEL, 0, 0, id, 0);
    pending.fail(error);
    return true;
  }

  /** Waits for `id` no longer: all that was to come has. */
  forget(id: number): void {
    this.#pending?.delete(id);
  }

  /** Takes a REPLY, a RESULT or a PONG. */
  answer(frame: Frame): void {
    const pending = this.#pending?.get(frame.id);
    if (pending === undefined) return;
    this.#answered = true;
    if (pending.answer(frame)) this.#pending?.delete(frame.id);
  }

  /** Takes DATA. If `id` does not wait, that is not a mistake: it crossed the answer. */
  data(id: number, bytes: Uint8Array, flags: number): void {
    if (this.#pending?.get(id)?.data(bytes, flags)) this.#pending?.delete(id);
  }

  /** Takes the ERROR that answers `id`. */
  fail(id: number, error: GhostError): void {
    const pending = this.#pending?.get(id);
    if (pending === undefined) return;
    this.#answered = true;
    this.#pending?.delete(id);
    pending.fail(error);
  }

  /** Fails all with copies of `error`: the connection has ended. */
  end(error: GhostError): void {
    const pending = this.#pending;
    this.#pending = undefined;
    for (const one of pending?.values() ?? []) one.fail(ownError(error));
  }
}

/** The id after `id`; 0 is about the connection itself and names no request. */
function after(id: number): number {
  return (id + 1 >>> 0) || 1;
}
