import { type Frame, payloadOf } from "../../gmp/frames/decoder.ts";
import { GhostError } from "../../gmp/errors.ts";
import { rejection } from "../../gmp/own_error.ts";
import { Flag, Kind } from "../../gmp/frames/frame.ts";
import type { Pending } from "../../gmp/channel/pending.ts";
import type { ValueCodec } from "../../gmp/types/value_codec.ts";
import { type CallResult, resultOf, type WasmNumber } from "../../gmp/types/values.ts";
import type { OutputStream } from "../engine/output.ts";
import type { SessionConnection } from "./session_connection.ts";

/** A CALL that waits for its RESULT: one promise and no closure, since this is the hot path. */
export class PendingCall implements Pending {
  /** Settles with the result. */
  readonly promise: Promise<CallResult>;
  /** The id under which it was sent. */
  id = 0;
  /** Stops the call, if its output cannot be delivered. */
  stop: (() => void) | undefined;
  readonly #results: ValueCodec<WasmNumber>;
  readonly #output: ((bytes: Uint8Array, stream: OutputStream) => void) | undefined;
  readonly #connection: SessionConnection;
  #resolve!: (result: CallResult | Promise<never>) => void;

  /** A call over `connection`. */
  constructor(
    results: ValueCodec<WasmNumber>,
    output: ((bytes: Uint8Array, stream: OutputStream) => void) | undefined,
    connection: SessionConnection,
  ) {
    this.#results = results;
    this.#output = output;
    this.#connection = connection;
    this.promise = new Promise((resolve) => this.#resolve = resolve);
  }

  /**
   * See {@linkcode Pending.data}. The callback that takes the output may fail: then the call fails too, and
   * nothing else on the connection.
   */
  data(bytes: Uint8Array, flags: number): boolean {
    try {
      this.#output?.(bytes.slice(), (flags & Flag.STDERR) !== 0 ? "stderr" : "stdout");
      return false;
    } catch (error) {
      this.#resolve(Promise.reject(GhostError.from(error, "CANCELLED"))); // with the stack of what threw it
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
    this.#resolve(resultOf(this.#results.read(frame.view, frame.start, frame.end - frame.start)));
    return true;
  }

  /** See {@linkcode Pending.fail}. */
  fail(error: GhostError): void {
    if (this.#connection.isBreak(error)) {
      this.#connection.undecided(this.id, (verdict) => this.#reject(verdict));
    } else this.#reject(error);
  }

  #reject(error: GhostError): void {
    this.#resolve(rejection(error));
  }
}
