import { type Frame, payloadOf } from "../../gmp/frames/decoder.ts";
import { type ErrorCode, GhostError } from "../../gmp/errors.ts";
import { rejection } from "../../gmp/own_error.ts";
import { Flag, Kind } from "../../gmp/frames/frame.ts";
import type { Pending } from "../../gmp/channel/pending.ts";
import type { CallResult } from "../../gmp/types/values.ts";
import type { OutputStream } from "../engine/output.ts";
import type { CallerStreams } from "./caller_streams.ts";
import type { FunctionCodec } from "./function_codec.ts";
import type { SessionConnection } from "./session_connection.ts";

/** What ends the instance of a call, and with it all of its resources. */
const ENDS_INSTANCE: ReadonlySet<ErrorCode> = new Set(["TRAP", "TIME_LIMIT", "MEMORY_LIMIT", "OUTPUT_LIMIT"]);

/** A CALL that waits for its RESULT: one promise and no closure, since this is the hot path. */
export class PendingCall implements Pending {
  /** Settles with the result. */
  readonly promise: Promise<CallResult>;
  /** The id under which it was sent. */
  id = 0;
  /** Stops the call, if its output cannot be delivered. */
  stop: (() => void) | undefined;
  /** Makes the resources that it gives away the caller's again. */
  takeBack: (() => void) | undefined;
  /** Its streams and futures, if it may pass any: with these it goes on after it is answered. */
  streams: CallerStreams | undefined;
  #isAnswered = false;
  readonly #codec: FunctionCodec;
  readonly #output: ((bytes: Uint8Array, stream: OutputStream) => void) | undefined;
  readonly #connection: SessionConnection;
  #resolve!: (result: CallResult | Promise<never>) => void;

  /** A call over `connection`. */
  constructor(
    codec: FunctionCodec,
    output: ((bytes: Uint8Array, stream: OutputStream) => void) | undefined,
    connection: SessionConnection,
  ) {
    this.#codec = codec;
    this.#output = output;
    this.#connection = connection;
    this.promise = new Promise((resolve) => this.#resolve = resolve);
  }

  /**
   * See {@linkcode Pending.data}. The callback that takes the output may fail: then the call fails too, or what goes on of
   * it, and nothing else on the connection.
   */
  data(bytes: Uint8Array, flags: number): boolean {
    try {
      this.#output?.(bytes.slice(), (flags & Flag.STDERR) !== 0 ? "stderr" : "stdout");
      return false;
    } catch (error) {
      const failure = GhostError.from(error, "CANCELLED");
      if (!this.#isAnswered) {
        this.takeBack?.();
        this.#resolve(Promise.reject(failure)); // with the stack of what threw it
      }
      this.streams?.fail(failure);
      this.stop?.();
      return true;
    }
  }

  /** See {@linkcode Pending.answer}. */
  answer(frame: Frame): boolean {
    if (frame.kind !== Kind.RESULT) {
      throw new GhostError(
        "BAD_REQUEST",
        `Cannot read the answer: ${payloadOf(frame).length} bytes are not a RESULT`,
      );
    }
    if (!this.#codec.isLenient) {
      this.#resolve(this.#codec.read(frame, this.#connection, undefined));
      return true;
    }
    if (!this.#isAnswered) this.#settle(frame);
    return !this.streams?.isOpen;
  }

  #settle(frame: Frame): void {
    this.#isAnswered = true;
    try {
      this.#resolve(this.#codec.read(frame, this.#connection, this.streams));
    } catch (cause) {
      const error = GhostError.from(cause);
      // What a function returns as its error has been read.
      if (error.code !== "FUNCTION_FAILED") this.streams?.cancel(error);
      this.#reject(error);
    }
    this.streams?.answered();
  }

  /** See {@linkcode Pending.fail}. */
  fail(error: GhostError): void {
    if (this.#connection.isBreak(error)) {
      this.#connection.undecided(this.id, (verdict) => this.#end(verdict));
      return;
    }
    // Whether the component took them before the call failed is known where they are, and said when they are used.
    const { code } = error;
    if (!this.#isAnswered && !ENDS_INSTANCE.has(code)) this.takeBack?.();
    this.#end(error);
  }

  /** It fails, or what goes on of it. */
  #end(error: GhostError): void {
    this.streams?.fail(error);
    if (!this.#isAnswered) this.#reject(error);
  }

  #reject(error: GhostError): void {
    this.#resolve(rejection(error));
  }
}
