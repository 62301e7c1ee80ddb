import { type Frame, payloadOf } from "../../gmp/decoder.ts";
import { GhostError } from "../../gmp/errors.ts";
import { Flag, Kind } from "../../gmp/frame.ts";
import type { Pending } from "../../gmp/pending.ts";
import { type CallResult, resultOf, type ValueCodec } from "../../gmp/values.ts";
import type { OutputStream } from "../wasm/output.ts";

/** A call whose connection broke: whether it was stopped or merely lost is for its session's home to say. */
export interface Undecided {
  /** Its id. */
  readonly id: number;
  /** Settles it. */
  readonly fail: (error: GhostError) => void;
}

/** A CALL that waits for its RESULT: one promise and no closure, since this is the hot path. */
export class PendingCall implements Pending {
  /** Settled with the result. */
  readonly promise: Promise<CallResult>;
  /** The id under which it was sent. */
  id = 0;
  readonly #results: ValueCodec;
  readonly #output: ((bytes: Uint8Array, stream: OutputStream) => void) | undefined;
  readonly #undecided: Undecided[];
  #resolve!: (result: CallResult) => void;
  #reject!: (error: GhostError) => void;

  /** `undecided` takes it when its connection breaks. */
  constructor(
    results: ValueCodec,
    output: ((bytes: Uint8Array, stream: OutputStream) => void) | undefined,
    undecided: Undecided[],
  ) {
    this.#results = results;
    this.#output = output;
    this.#undecided = undecided;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** See {@linkcode Pending.data}. */
  data(bytes: Uint8Array, flags: number): boolean {
    this.#output?.(bytes.slice(), (flags & Flag.STDERR) !== 0 ? "stderr" : "stdout");
    return false;
  }

  /** See {@linkcode Pending.answer}. */
  answer(frame: Frame): boolean {
    if (frame.kind !== Kind.RESULT) {
      throw new GhostError(
        "BAD_REQUEST",
        `Cannot read the answer: ${payloadOf(frame).length} bytes are no RESULT`,
      );
    }
    this.#resolve(resultOf(this.#results.read(frame.view, frame.start, frame.end - frame.start)));
    return true;
  }

  /** See {@linkcode Pending.fail}. */
  fail(error: GhostError): void {
    if (error.code === "CONNECTION_LOST") this.#undecided.push({ id: this.id, fail: this.#reject });
    else this.#reject(error);
  }
}
