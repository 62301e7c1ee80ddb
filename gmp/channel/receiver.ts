import { Answers, withoutId } from "./answers.ts";
import { decodeBody } from "../frames/body.ts";
import type { Channel, ChannelOptions } from "./channel.ts";
import { type Frame, payloadOf } from "../frames/decoder.ts";
import { readError } from "../frames/error_payload.ts";
import type { FrameReader } from "./frame_reader.ts";
import { GhostError } from "../errors.ts";
import { Flag, Kind } from "../frames/frame.ts";
import type { Questions } from "./questions.ts";
import { Streams } from "./streams.ts";
import { Values } from "./values.ts";

/** The receiving half of a {@linkcode Channel}: it passes each frame to what the frame is for. */
export class Receiver {
  readonly #channel: Channel;
  readonly #reader: FrameReader<Channel>;
  readonly #options: ChannelOptions;
  readonly #questions: Questions;
  readonly #answers: Answers;
  #values: Values | undefined;
  #streams: Streams | undefined;

  /** Takes the frames that `reader` reads for `channel`. */
  constructor(
    channel: Channel,
    reader: FrameReader<Channel>,
    questions: Questions,
    options: ChannelOptions,
  ) {
    this.#channel = channel;
    this.#reader = reader;
    this.#questions = questions;
    this.#options = options;
    this.#answers = new Answers(channel, options.handlers ?? {});
  }

  /** CALLs and RESULTs that DATA follows, from the first one. */
  get values(): Values {
    return this.#values ??= new Values(this.#channel, {
      call: (frame) => this.#options.call?.(frame, this.#channel),
      answer: (frame) => this.#questions.answer(frame),
    });
  }

  /** Streams and futures of calls, from the first one. */
  get streams(): Streams {
    return this.#streams ??= new Streams(this.#channel);
  }

  /** Takes any frame but GOODBYE. @throws {GhostError} `BAD_REQUEST` for one that ends the connection. */
  take(frame: Frame): void {
    // DATA, ERROR and CANCEL may be about a stream; what is for none that is known crossed its end.
    if (frame.operation !== 0 && frame.kind !== Kind.REQUEST) return this.#streams?.take(frame);
    switch (frame.kind) {
      case Kind.CALL:
        return this.#takeCall(frame);
      case Kind.RESULT:
        return this.#isMore(frame) ? undefined : this.#questions.answer(frame);
      case Kind.REPLY:
      case Kind.PONG:
        return this.#questions.answer(frame);
      case Kind.DATA:
        return this.#takeData(frame);
      case Kind.ERROR:
        return this.#takeError(frame);
      case Kind.REQUEST:
        return this.#answers.take(frame);
      case Kind.CANCEL:
        return this.cancel(frame.id);
      case Kind.NOTICE: {
        const body = decodeBody(payloadOf(frame));
        if (typeof body.notice === "string") this.#options.notice?.(body.notice, body, this.#channel);
        return;
      }
      case Kind.PING:
        return this.#channel.outbox.append(Kind.PONG, 0, 0, frame.id, payloadOf(frame));
      default:
        throw new GhostError("BAD_REQUEST", `Cannot read a frame: kind ${frame.kind} is out of place`);
    }
  }

  /** Handles a CANCEL: see {@linkcode Channel.cancelIncoming}. */
  cancel(id: number): void {
    if (this.#answers.cancel(id) || this.#values?.cancel(id)) return;
    this.#options.cancel?.(id);
  }

  /** Ends the requests of the other side with `error`, and then our own questions: the connection has ended. */
  end(error: GhostError): void {
    this.#answers.end(error);
    this.#questions.end(error);
    this.#streams?.fail(error);
    this.#values?.end();
  }

  #takeCall(frame: Frame): void {
    if (frame.id === 0) throw withoutId("call");
    const { call } = this.#options;
    if (call === undefined) {
      const message = "Cannot call: nothing is callable here";
      return this.#channel.sendError(frame.id, new GhostError("UNKNOWN_OPERATION", message));
    }
    if (!this.#isMore(frame)) call(frame, this.#channel);
  }

  /** Whether a CALL or RESULT has DATA to come, and is kept until then. */
  #isMore(frame: Frame): boolean {
    if ((frame.flags & Flag.MORE) === 0 && this.#values === undefined) return false;
    return this.values.begin(frame, frame.kind === Kind.CALL || this.#questions.has(frame.id));
  }

  #takeData(frame: Frame): void {
    const bytes = payloadOf(frame);
    const isPlain = (frame.flags & (Flag.STDOUT | Flag.STDERR)) === 0;
    // An id may name a request in each direction: plain DATA belongs to the other side's upload until that is complete.
    const upload = isPlain && this.#answers.upload(frame.id);
    if (isPlain && !upload && this.#values?.data(frame)) return;
    if (!upload) return this.#questions.data(frame.id, bytes, frame.flags);
    const pause = upload.push(bytes, (frame.flags & Flag.MORE) === 0);
    const room = pause ?? this.#channel.budget.room();
    if (room !== undefined) this.#reader.pause(room);
  }

  #takeError(frame: Frame): void {
    const error = readError(payloadOf(frame));
    if (frame.id === 0) this.#channel.abort(error);
    else this.#questions.fail(frame.id, error);
  }
}
