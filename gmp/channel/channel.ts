import { Timer } from "../async/timer.ts";
import { type Body, encodeBody } from "../frames/body.ts";
import { Budget, CONNECTION_BUDGET } from "../frames/budget.ts";
import type { Frame } from "../frames/decoder.ts";
import { errorPayload } from "../frames/error_payload.ts";
import { GhostError } from "../errors.ts";
import { DATA_CAP, Flag, Kind } from "../frames/frame.ts";
import { type FrameHandler, FrameReader } from "./frame_reader.ts";
import type { Authenticated } from "../handshake/handshake.ts";
import type { RequestHandlers } from "./incoming.ts";
import { KeepAlive } from "./keep_alive.ts";
import type { OperationName } from "../messages/operations.ts";
import { Outbox } from "../frames/outbox.ts";
import type { Pending, RequestOptions } from "./pending.ts";
import { type Asked, type OutgoingStream, Questions } from "./questions.ts";
import { Receiver } from "./receiver.ts";
import type { Streams } from "./streams.ts";
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
  /** Milliseconds between PINGs; a connection that is silent between two of them is lost. None by default. */
  keepAlive?: number;
  /** How many such intervals in a row it may be silent before it is lost; one by default. */
  patience?: number;
  /** Called with how the connection ended, as `closed` tells: for one listener to many connections. */
  ended?: (channel: Channel, error: GhostError | undefined) => void;
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
  readonly #questions: Questions;
  readonly #receiver: Receiver;
  readonly #keepAlive: KeepAlive | undefined;
  #closed: PromiseWithResolvers<GhostError | undefined> | undefined;
  /** What ended it or, while it is closing, will end it. */
  #error: GhostError | undefined;
  #failure: GhostError | undefined;
  /** The timer that ends it if the other side does not. */
  #ending: Timer | undefined;
  #state: "open" | "closing" | "closed" = "open";

  /** Starts to read once its creator has it: frames may have come along with the handshake's last one. */
  constructor(connection: Authenticated, options: ChannelOptions = {}) {
    this.#transport = connection.transport;
    this.#options = options;
    this.outbox = new Outbox(this.#transport, (error) => this.#cannotWrite(error), this.budget);
    this.#reader = new FrameReader(this.#transport, connection.decoder, this, Channel.#handler);
    this.#questions = new Questions(this);
    this.#receiver = new Receiver(this, this.#reader, this.#questions, options);
    queueMicrotask(() => this.#reader.start());
    const { keepAlive, patience = 1 } = options;
    if (keepAlive !== undefined) this.#keepAlive = new KeepAlive(this, this.#reader, keepAlive, patience);
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
    return this.#questions.answered;
  }

  /**
   * Questions that wait for an answer.
   *
   * @internal
   */
  get pendingCount(): number {
    return this.#questions.size;
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
    return this.#questions.ask(operation, body, 0, options).reply;
  }

  /** Asks as {@linkcode Channel.request} does, and returns the id as well, by which other messages can name it. */
  ask<Reply = Body>(
    operation: OperationName,
    body: Body = {},
    options: RequestOptions<Reply> = {},
  ): Asked<Reply> {
    return this.#questions.ask(operation, body, 0, options);
  }

  /** Asks with DATA behind the request; see {@linkcode Channel.request}. */
  stream<Reply = Body>(
    operation: OperationName,
    body: Body,
    options: RequestOptions<Reply> = {},
  ): OutgoingStream<Reply> {
    const { id, reply } = this.#questions.ask(operation, body, Flag.MORE, options);
    // A refusal may come while DATA is still being sent, before the caller looks at the reply.
    reply.catch(() => {});
    const send = (bytes: Uint8Array, more: boolean) =>
      this.#questions.has(id) ? this.sendData(id, bytes, more ? Flag.MORE : 0) : undefined;
    return { id, reply, send };
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

  /** Sends the values of a CALL: in one frame, or with DATA behind it, and then the bytes are not copied. */
  sendCall(id: number, payload: Uint8Array): void {
    this.#receiver.values.call(id, payload);
  }

  /**
   * Sends the values of a RESULT in the same way. Nothing more is taken until the other side has taken a long one.
   *
   * @throws {GhostError} `TOO_MANY_REQUESTS` when too much waits already.
   */
  sendResult(id: number, payload: Uint8Array): void {
    if (this.#state !== "open") return;
    const sent = this.#receiver.values.result(id, payload);
    if (sent !== undefined) this.#reader.hold(sent);
  }

  /** Resolves when the other side has taken all that was sent before, or the connection has ended. */
  taken(): Promise<void> {
    if (this.#state !== "open") return Promise.resolve();
    return new Promise((resolve) => {
      const answer = () => (resolve(), true);
      this.outbox.reserve(Kind.PING, 0, 0, this.expect({ data: () => false, answer, fail: answer }), 0);
    });
  }

  /**
   * The streams and futures of calls in either direction.
   *
   * @internal
   */
  get streams(): Streams {
    return this.#receiver.streams;
  }

  /** Waits for `id` no longer: all that was to come has. */
  forget(id: number): void {
    this.#questions.forget(id);
  }

  /** Registers `pending` and returns the id to ask under. @throws {GhostError} `CONNECTION_LOST` when ended. */
  expect(pending: Pending): number {
    return this.#questions.expect(pending);
  }

  /** Stops waiting for `id`: it fails with `error`, and CANCEL is sent unless `quietly`. False if it is not waiting. */
  abandon(id: number, error: GhostError, quietly = false): boolean {
    return this.#questions.abandon(id, error, quietly);
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
   * Ends this connection, for which most is held; see `Budget`. Not at once: whoever has charged the last bytes has not
   * noted yet that it holds them, and could not give them back.
   *
   * @internal
   */
  overdrawn(error: GhostError): void {
    queueMicrotask(() => this.abort(error));
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

  static readonly #handler: FrameHandler<Channel> = {
    ended: (channel) => channel.#state === "closed",
    handle: (channel, frame) => {
      if (frame.kind === Kind.GOODBYE) channel.#end(undefined);
      else channel.#receiver.take(frame);
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
    this.#receiver.cancel(id);
  }

  #end(error: GhostError | undefined): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#keepAlive?.end();
    this.#ending?.cancel();
    this.#transport.close();
    const failure = this.#failure = error ?? new GhostError("CONNECTION_LOST");
    this.#receiver.end(failure);
    this.#reader.release();
    this.outbox.release();
    this.budget.end();
    this.#error = error;
    this.#closed?.resolve(error);
    const { ended } = this.#options;
    if (ended !== undefined) queueMicrotask(() => ended(this, error));
  }
}
