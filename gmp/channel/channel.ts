import { Timer } from "../async/timer.ts";
import { Answers } from "./answers.ts";
import { type Body, decodeBody, encodeBody } from "../frames/body.ts";
import { Budget, CONNECTION_BUDGET } from "../frames/budget.ts";
import { type Frame, payloadOf } from "../frames/decoder.ts";
import { errorPayload, readError } from "../frames/error_payload.ts";
import { GhostError } from "../errors.ts";
import { DATA_CAP, Flag, Kind, SESSION_CAPS } from "../frames/frame.ts";
import { type FrameHandler, FrameReader } from "./frame_reader.ts";
import type { Authenticated } from "../handshake/handshake.ts";
import type { RequestHandlers } from "./incoming.ts";
import { type OperationName, OPERATIONS } from "../messages/operations.ts";
import { ownError } from "../own_error.ts";
import { Outbox } from "../frames/outbox.ts";
import { type Pending, PendingRequest, type RequestOptions } from "./pending.ts";
import { connectionLost, type Transport } from "../transports/transport.ts";

/** Bytes above which a sender of DATA is asked to wait. */
const CONGESTED = 1 << 18;
/** Milliseconds that a graceful end waits for the other side to take what was sent before. */
const CLOSE_TIME = 1000;

/** How one side of a channel handles what the other side sends. */
export interface ChannelOptions {
  /** Answers REQUESTs; by default there are no handlers. */
  handlers?: RequestHandlers;
  /** Takes NOTICEs. */
  notice?: (name: string, body: Body, channel: Channel) => void;
  /** Takes CALLs, the hot path; they are refused by default. The frame is valid during the call only. */
  call?: (frame: Frame, channel: Channel) => void;
  /** Called for a CANCEL of a CALL; that of a request aborts its signal. */
  cancel?: (id: number) => void;
  /** Milliseconds between PINGs; a connection that is silent for two of them is lost. None by default. */
  keepAlive?: number;
  /** Called with how the connection ended, as `closed` tells: for one listener to many connections. */
  ended?: (channel: Channel, error: GhostError | undefined) => void;
}

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

/**
 * An authenticated connection on which either side may ask (docs/protocol.md, "Asking and answering"): requests, typed
 * calls, data, notices. It reads until the other side closes, or `close` or `abort` is called; whatever ends it, every
 * pending question is rejected.
 *
 * @example
 * ```ts
 * import {
 *   acceptHandshake,
 *   Channel,
 *   connectHandshake,
 *   memoryPair,
 *   newKey,
 *   SECRET_KEY_NAME,
 *   secretCredential,
 *   SESSION_CAPS,
 * } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * const key = newKey();
 * const [one, other] = memoryPair();
 * const shared = { audience: "gpmd/nodes", port: 0, caps: SESSION_CAPS } as const;
 * const [asking, answering] = await Promise.all([
 *   connectHandshake(one, { ...shared, keyName: SECRET_KEY_NAME, key }),
 *   acceptHandshake(other, { ...shared, software: "example 1.0.0", credential: secretCredential(key, "Ada") }),
 * ]);
 * const server = new Channel(answering, {
 *   handlers: { "node.locate": ({ body }) => ({ name: body.name, port: 5001 }) },
 * });
 * const client = new Channel(asking);
 * assertEquals(await client.request("node.locate", { name: "node-1" }), { name: "node-1", port: 5001 });
 * await client.close();
 * assertEquals(await server.closed, undefined); // without an error
 * ```
 */
export class Channel {
  /** Frames on their way out. */
  readonly outbox: Outbox;
  /**
   * What the other side makes this process hold.
   *
   * @internal
   */
  readonly budget: Budget = new Budget(this);
  readonly #transport: Transport;
  readonly #reader: FrameReader<Channel>;
  readonly #options: ChannelOptions;
  /** By id; made with the first question, since a daemon asks none. */
  #pending: Map<number, Pending> | undefined;
  readonly #answers: Answers;
  #closed: PromiseWithResolvers<GhostError | undefined> | undefined;
  /** What ended it or, while it is closing, will end it. */
  #error: GhostError | undefined;
  #failure: GhostError | undefined;
  #answered = false;
  /** The timer that ends it if the other side does not. */
  #ending: Timer | undefined;
  #state: "open" | "closing" | "closed" = "open";
  #nextId = 1;
  #keepAlive: Timer | undefined;

  /** Starts to read once its creator has it: frames may have come along with the handshake's last one. */
  constructor(connection: Authenticated, options: ChannelOptions = {}) {
    this.#transport = connection.transport;
    this.#options = options;
    this.outbox = new Outbox(this.#transport, (error) => this.#cannotWrite(error), this.budget);
    this.#answers = new Answers(this, options.handlers ?? {});
    this.#reader = new FrameReader(this.#transport, connection.decoder, this, Channel.#handler);
    queueMicrotask(() => this.#reader.start());
    this.#checkAliveLater();
  }

  /** Resolved when the connection has ended: with the error that ended it, or `undefined` after a graceful end. */
  get closed(): Promise<GhostError | undefined> {
    if (this.#closed === undefined) {
      this.#closed = Promise.withResolvers();
      if (this.#state === "closed") this.#closed.resolve(this.#error);
    }
    return this.#closed.promise;
  }

  /** True until the connection ends or `close` is called. */
  get open(): boolean {
    return this.#state === "open";
  }

  /**
   * The error of the questions that were waiting when the connection ended; each got a copy, see `isOwn`.
   *
   * @internal
   */
  get failure(): GhostError | undefined {
    return this.#failure;
  }

  /**
   * True when any question was answered, even by an error.
   *
   * @internal
   */
  get answered(): boolean {
    return this.#answered;
  }

  /**
   * Questions that wait for an answer.
   *
   * @internal
   */
  get pendingCount(): number {
    return this.#pending?.size ?? 0;
  }

  /**
   * Asks the other side.
   *
   * @throws {GhostError} what the other side answered, `CANCELLED`, or `CONNECTION_LOST`.
   */
  request<Reply = Body>(
    operation: OperationName,
    body: Body = {},
    options: RequestOptions<Reply> = {},
  ): Promise<Reply> {
    return this.#ask(operation, body, 0, options).promise;
  }

  /** Asks as {@linkcode Channel.request} does, and returns the id as well, by which other messages can name it. */
  ask<Reply = Body>(
    operation: OperationName,
    body: Body = {},
    options: RequestOptions<Reply> = {},
  ): Asked<Reply> {
    const { id, promise } = this.#ask(operation, body, 0, options);
    return { id, reply: promise };
  }

  /** Asks with DATA behind the request; see {@linkcode Channel.request}. */
  stream<Reply = Body>(
    operation: OperationName,
    body: Body,
    options: RequestOptions<Reply> = {},
  ): OutgoingStream<Reply> {
    const { id, promise } = this.#ask(operation, body, Flag.MORE, options);
    // A refusal may come while DATA is still being sent, before the caller looks at the reply.
    promise.catch(() => {});
    const send = (bytes: Uint8Array, more: boolean) =>
      this.#pending?.has(id) ? this.sendData(id, bytes, more ? Flag.MORE : 0) : undefined;
    return { id, reply: promise, send };
  }

  /** Sends a NOTICE, which has no answer. */
  notify(name: string, body: Body = {}): void {
    if (this.#state === "open") {
      this.outbox.append(Kind.NOTICE, 0, 0, 0, encodeBody({ ...body, notice: name }));
    }
  }

  /** Sends DATA under `id`, split if it is longer than one frame; a promise when the sender should wait. */
  sendData(id: number, bytes: Uint8Array, flags: number): Promise<void> | undefined {
    if (this.#state !== "open") return undefined;
    let start = 0;
    do {
      const end = Math.min(start + DATA_CAP, bytes.length);
      const last = end === bytes.length;
      this.outbox.append(Kind.DATA, last ? flags : flags | Flag.MORE, 0, id, bytes.subarray(start, end));
      start = end;
    } while (start < bytes.length);
    return this.outbox.size > CONGESTED ? this.outbox.drained(CONGESTED) : undefined;
  }

  /** Resolves when the other side has taken all that was sent before, or the connection has ended. */
  taken(): Promise<void> {
    if (this.#state !== "open") return Promise.resolve();
    return new Promise((resolve) => {
      const answer = () => (resolve(), true);
      this.outbox.reserve(Kind.PING, 0, 0, this.expect({ data: () => false, answer, fail: answer }), 0);
    });
  }

  /** Registers `pending` and returns the id to ask under. @throws {GhostError} `CONNECTION_LOST` when ended. */
  expect(pending: Pending): number {
    if (this.#state !== "open") {
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
    if (!quietly && this.#state === "open") this.outbox.reserve(Kind.CANCEL, 0, 0, id, 0);
    pending.fail(error);
    return true;
  }

  /** Sends an ERROR for `id`; id 0 is about the connection itself. */
  sendError(id: number, error: GhostError): void {
    if (this.#state !== "closed") this.outbox.append(Kind.ERROR, 0, 0, id, errorPayload(error));
  }

  /**
   * Ends gracefully: GOODBYE, or `error`, follows what was sent before. Resolves when the connection has ended, within
   * a second even if the other side reads nothing.
   */
  async close(error?: GhostError): Promise<void> {
    if (this.#state !== "open") return void await this.closed;
    if (error === undefined) this.outbox.reserve(Kind.GOODBYE, 0, 0, 0, 0);
    else this.sendError(0, error);
    await this.#closeAfter(this.outbox.drained(0), error);
  }

  /** Ends gracefully as `close` does, but resolves when the other side has ended too, or a second has passed. */
  async leave(): Promise<void> {
    if (this.#state !== "open") return void await this.closed;
    this.outbox.reserve(Kind.GOODBYE, 0, 0, 0, 0);
    await this.#closeAfter(this.closed);
  }

  /** Ends at once; whatever waits to be sent is lost. */
  abort(error: GhostError): void {
    this.#end(error);
  }

  /**
   * Ends this connection, for which most is held; see `Budget`.
   *
   * @internal
   */
  overdrawn(error: GhostError): void {
    this.abort(error);
  }

  async #closeAfter(done: Promise<unknown>, error?: GhostError): Promise<void> {
    this.#state = "closing";
    this.#error = error;
    this.outbox.flush();
    this.#endSoon(
      error ?? new GhostError("CONNECTION_LOST", "Cannot close: the other side does not read"),
    );
    await Promise.race([done, this.closed]);
    this.#end(error);
  }

  /** The other side is gone; if it sent GOODBYE or an ERROR, that is still to be read, and ends the connection. */
  #cannotWrite(cause: unknown): void {
    if (this.#state === "closing") this.#end(this.#error);
    else if (this.#state === "open" && this.#ending === undefined) this.#endSoon(connectionLost(cause));
  }

  #endSoon(error: GhostError): void {
    this.#ending?.cancel();
    this.#ending = new Timer(CLOSE_TIME, () => this.#end(error));
  }

  #ask<Reply>(operation: OperationName, body: Body, flags: number, options: RequestOptions<Reply>) {
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
      this.outbox.append(Kind.REQUEST, flags, OPERATIONS[operation], id, payload);
    } catch (error) {
      pending.fail(GhostError.from(error));
    }
    return { id, promise: pending.promise };
  }

  static readonly #handler: FrameHandler<Channel> = {
    ended: (channel) => channel.#state === "closed",
    handle: (channel, frame) => {
      channel.#dispatch(frame);
      channel.checkOutbox();
    },
    unreadable: (channel, error) => {
      if (channel.#state !== "closed") channel.close(GhostError.from(error));
    },
    lost: (channel, error) => {
      const isClosing = channel.#state === "closing";
      channel.#end(isClosing ? channel.#error : error ?? new GhostError("CONNECTION_LOST"));
    },
  };

  #dispatch(frame: Frame): void {
    switch (frame.kind) {
      case Kind.CALL:
        if (this.#options.call !== undefined) return this.#options.call(frame, this);
        return this.sendError(
          frame.id,
          new GhostError("UNKNOWN_OPERATION", "Cannot call: nothing is callable here"),
        );
      case Kind.RESULT:
      case Kind.REPLY:
      case Kind.PONG: {
        const pending = this.#pending?.get(frame.id);
        if (pending === undefined) return;
        this.#answered = true;
        if (pending.answer(frame)) this.#pending?.delete(frame.id);
        return;
      }
      case Kind.DATA:
        return this.#takeData(frame);
      case Kind.ERROR:
        return this.#takeError(frame);
      case Kind.REQUEST:
        return this.#answers.take(frame);
      case Kind.CANCEL:
        return this.cancelIncoming(frame.id);
      case Kind.NOTICE: {
        const body = decodeBody(payloadOf(frame));
        if (typeof body.notice === "string") this.#options.notice?.(body.notice, body, this);
        return;
      }
      case Kind.PING:
        return this.outbox.append(Kind.PONG, 0, 0, frame.id, payloadOf(frame));
      case Kind.GOODBYE:
        return this.#end(undefined);
      default:
        throw new GhostError("BAD_REQUEST", `Cannot read a frame: kind ${frame.kind} is out of place`);
    }
  }

  #takeData(frame: Frame): void {
    const bytes = payloadOf(frame);
    // An id may name a request in each direction: plain DATA belongs to the other side's upload until that is complete.
    const upload = (frame.flags & (Flag.STDOUT | Flag.STDERR)) === 0 && this.#answers.upload(frame.id);
    if (upload) {
      const pause = upload.push(bytes, (frame.flags & Flag.MORE) === 0);
      const room = pause ?? this.budget.room();
      if (room !== undefined) this.#reader.pause(room);
      return;
    }
    // DATA for a request that is over is not a mistake: it crossed the answer.
    if (this.#pending?.get(frame.id)?.data(bytes, frame.flags)) this.#pending?.delete(frame.id);
  }

  #takeError(frame: Frame): void {
    const error = readError(payloadOf(frame));
    if (frame.id === 0) return this.#end(error);
    const pending = this.#pending?.get(frame.id);
    if (pending === undefined) return;
    this.#answered = true;
    this.#pending?.delete(frame.id);
    pending.fail(error);
  }

  /**
   * Ends the connection when too much waits for a side that does not read.
   *
   * @internal
   */
  checkOutbox(): void {
    if (this.outbox.size <= CONNECTION_BUDGET) return;
    this.abort(new GhostError("CONNECTION_LOST", "Cannot answer: the other side does not read its answers"));
  }

  /**
   * Handles a CANCEL of the other side: aborts the signal of its request `id`, or cancels the CALL `id`.
   *
   * @internal
   */
  cancelIncoming(id: number): void {
    if (!this.#answers.cancel(id)) this.#options.cancel?.(id);
  }

  #checkAliveLater(): void {
    const { keepAlive } = this.#options;
    if (keepAlive !== undefined) this.#keepAlive = new Timer(keepAlive, () => this.#checkAlive());
  }

  #checkAlive(): void {
    // A paused connection is not read, so its silence means nothing.
    if (!this.#reader.heard && !this.#reader.paused) {
      return this.abort(new GhostError("CONNECTION_LOST", "The other side does not answer"));
    }
    this.#reader.heard = false;
    this.outbox.reserve(Kind.PING, 0, 0, 0, 0);
    this.#checkAliveLater();
  }

  #end(error: GhostError | undefined): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#keepAlive?.cancel();
    this.#ending?.cancel();
    this.#transport.close();
    const failure = this.#failure = error ?? new GhostError("CONNECTION_LOST");
    this.#answers.end(failure);
    const pending = this.#pending;
    this.#pending = undefined;
    for (const one of pending?.values() ?? []) one.fail(ownError(failure));
    this.#reader.release();
    this.outbox.release();
    this.budget.end();
    this.#error = error;
    this.#closed?.resolve(error);
    const { ended } = this.#options;
    if (ended !== undefined) queueMicrotask(() => ended(this, error));
  }
}

/** The id after `id`; 0 is about the connection itself and names no request. */
function after(id: number): number {
  return (id + 1 >>> 0) || 1;
}
