import type { Channel } from "../../gmp/channel/channel.ts";
import type { GhostError } from "../../gmp/errors.ts";
import type { FunctionCall } from "../engine/function_instance.ts";
import type { OutputStream } from "../engine/output.ts";
import type { CallTerms } from "../engine/watch.ts";
import type { AnswerStreams } from "./answer_streams.ts";
import { flagOf } from "./run_output.ts";

/** A CALL from a channel, which gets its output. */
export class RemoteCall implements FunctionCall {
  #isAnswered = false;
  #failure: GhostError | undefined;

  constructor(
    readonly id: number,
    readonly channel: Channel,
    readonly terms: CallTerms,
    readonly streams: AnswerStreams | undefined,
  ) {}

  /** See {@linkcode FunctionCall.output}. */
  output(bytes: Uint8Array, stream: OutputStream): void {
    this.channel.sendData(this.id, bytes, flagOf(stream));
  }

  /** See {@linkcode FunctionCall.failed}: those of its streams end, too, of which the caller has not asked for more. */
  failed(error: GhostError): void {
    if (this.#isAnswered) this.streams?.wire.cancel(error);
    else this.#failure = error;
  }

  /** Sends its result by `reply`. @throws {GhostError} what has ended it since it returned, and what `reply` throws. */
  answer(reply: () => void): void {
    if (this.#failure !== undefined) throw this.#failure;
    reply();
    this.#isAnswered = true;
  }
}
