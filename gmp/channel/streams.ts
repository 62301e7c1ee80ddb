import type { Channel } from "./channel.ts";
import { type Frame, payloadOf } from "../frames/decoder.ts";
import { readError } from "../frames/error_payload.ts";
import { GhostError } from "../errors.ts";
import { Kind } from "../frames/frame.ts";
import { type ByteSource, IncomingStream } from "./incoming_stream.ts";
import { OutgoingBytes } from "./outgoing_stream.ts";

/** Most streams and futures of one connection that each side may send at once: their windows fill its budget. */
const MAX_STREAMS = 256;
/** The first number of the streams that the answering side of a call sends; the asking side's are below. */
const ANSWERING = 0x8000;

/** The streams of one call, each under a number that is not used again in that call. */
export class CallStreams {
  readonly #streams: Streams;
  readonly #first: number;
  readonly #outgoing = new Map<number, OutgoingBytes>();
  readonly #incoming = new Map<number, IncomingStream>();
  #lastSent: number;
  #lastReceived: number;
  #isAnswered = false;
  /** The id of the call, once it has one. */
  id = 0;
  /** Called when the call is answered and none of its streams is open any more. */
  over: () => void = () => {};

  /** Those of a call that this side answers, or asks. */
  constructor(streams: Streams, isAsked: boolean) {
    this.#streams = streams;
    this.#first = isAsked ? 0 : ANSWERING;
    this.#lastSent = this.#first;
    this.#lastReceived = ANSWERING - this.#first;
  }

  /** Whether any is open. */
  get isOpen(): boolean {
    return this.#outgoing.size + this.#incoming.size > 0;
  }

  /** Sends what `source` has, as the other side asks for it: the number of the stream. @throws {GhostError} `TOO_MANY_REQUESTS`. */
  send(source: ByteSource): number {
    if (this.#lastSent + 1 >= this.#first + ANSWERING) throw tooMany("more than 32767 streams in one call");
    this.#streams.count("sent", 1);
    const number = ++this.#lastSent;
    const stream = new OutgoingBytes(this.#streams.channel, this, number, source);
    this.#outgoing.set(number, stream);
    return number;
  }

  /** Stream `number`, of which the other side has not heard, is not sent; its source is cancelled if there is a `reason`. */
  withdraw(number: number, reason?: GhostError): void {
    if (reason === undefined) this.ended(number);
    else this.#outgoing.get(number)?.drop(reason);
  }

  /** What the other side sends under `number`. @throws {GhostError} `BAD_REQUEST`, `TOO_MANY_REQUESTS`. */
  receive(number: number): IncomingStream {
    if (number <= this.#lastReceived || number > (ANSWERING - this.#first) + ANSWERING - 1) {
      throw new GhostError(
        "BAD_REQUEST",
        `Cannot read the values: ${number} is not the number of a new stream`,
      );
    }
    this.#streams.count("received", 1);
    this.#lastReceived = number;
    const stream = new IncomingStream(this.#streams.channel, this, number);
    this.#incoming.set(number, stream);
    return stream;
  }

  /** The call is answered: it goes on as long as any of its streams is open. */
  answered(): void {
    this.#isAnswered = true;
    if (!this.isOpen) this.#end();
  }

  /** Ends all with `error`, which the other side knows. */
  fail(error: GhostError): void {
    this.#isAnswered = true;
    for (const stream of this.#outgoing.values()) stream.drop(error);
    for (const stream of this.#incoming.values()) stream.fail(error);
    if (!this.isOpen) this.#end();
  }

  /** Ends all with `error`, and tells the other side. */
  cancel(error: GhostError): void {
    this.#isAnswered = true;
    for (const stream of this.#outgoing.values()) stream.fail(error);
    for (const stream of this.#incoming.values()) stream.cancel();
    if (!this.isOpen) this.#end();
  }

  /** The call was not made: what would have been sent is left as it is. */
  discard(): void {
    for (const number of [...this.#outgoing.keys()]) this.ended(number);
  }

  /** Takes a frame for stream `number`; what is for none crossed its end. */
  take(frame: Frame): void {
    const { operation: number, kind } = frame;
    switch (kind) {
      case Kind.DATA:
        return this.#incoming.get(number)?.take(payloadOf(frame), frame.flags);
      case Kind.ERROR:
        return this.#incoming.get(number)?.fail(readError(payloadOf(frame)));
      case Kind.CANCEL:
        return this.#outgoing.get(number)?.drop(new GhostError("CANCELLED"));
      case Kind.CREDIT:
        return this.#outgoing.get(number)?.credit(creditOf(frame));
    }
  }

  /** Stream `number` has ended. */
  ended(number: number): void {
    if (this.#outgoing.delete(number)) this.#streams.count("sent", -1);
    else if (this.#incoming.delete(number)) this.#streams.count("received", -1);
    if (this.#isAnswered && !this.isOpen) this.#end();
  }

  #end(): void {
    this.#streams.end(this, this.#first === 0);
    this.over();
  }
}

/** The streams and futures of all calls of a {@linkcode Channel} (docs/protocol.md, "Streams and futures"). */
export class Streams {
  readonly #asked = new Map<number, CallStreams>();
  readonly #answered = new Map<number, CallStreams>();
  readonly #open = { sent: 0, received: 0 };

  /** Those of `channel`. */
  constructor(readonly channel: Channel) {}

  /** For a call of this side, which gets its id by {@linkcode Streams.begin}. */
  ask(): CallStreams {
    return new CallStreams(this, true);
  }

  /** The call of these streams has this id. */
  begin(streams: CallStreams, id: number): void {
    streams.id = id;
    this.#asked.set(id, streams);
  }

  /** For call `id` of the other side. @throws {GhostError} `BAD_REQUEST` when streams of one under that id are open. */
  answer(id: number): CallStreams {
    if (this.#answered.has(id)) {
      throw new GhostError("BAD_REQUEST", `Cannot call: streams of call ${id} are open`);
    }
    const streams = new CallStreams(this, false);
    streams.id = id;
    this.#answered.set(id, streams);
    return streams;
  }

  /** Takes a frame with the number of a stream. */
  take(frame: Frame): void {
    const isForward = frame.kind === Kind.DATA || frame.kind === Kind.ERROR;
    const isAskers = frame.operation < ANSWERING;
    // What an asker sends is taken by who answers, and what is said about it by the asker.
    const calls = isForward === isAskers ? this.#answered : this.#asked;
    calls.get(frame.id)?.take(frame);
  }

  /** So many more are open. @throws {GhostError} `TOO_MANY_REQUESTS`. */
  count(way: "sent" | "received", more: number): void {
    if (more > 0 && this.#open[way] >= MAX_STREAMS) throw tooMany(`${MAX_STREAMS} streams are open already`);
    this.#open[way] += more;
  }

  /** No stream of that call is open any more. */
  end(streams: CallStreams, isAsked: boolean): void {
    const calls = isAsked ? this.#asked : this.#answered;
    if (calls.get(streams.id) === streams) calls.delete(streams.id);
  }

  /** Ends all with `error`: the connection has ended. What this side has asked is told by who waits for it. */
  fail(error: GhostError): void {
    for (const streams of [...this.#answered.values()]) streams.fail(error);
  }
}

function tooMany(reason: string): GhostError {
  return new GhostError("TOO_MANY_REQUESTS", `Cannot pass a stream: ${reason}`);
}

function creditOf(frame: Frame): number {
  if (frame.end - frame.start !== 4) {
    throw new GhostError("BAD_REQUEST", "Cannot read a CREDIT: it is not a u32");
  }
  return frame.view.getUint32(frame.start, true);
}
