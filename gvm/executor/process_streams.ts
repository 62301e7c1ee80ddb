import { ClosedOutput, writeStandard } from "../../gmp/command/standard_output.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { IncomingRequest } from "../../gmp/channel/incoming.ts";
import type { TakeOutput } from "../engine/output.ts";
import { ProcessInput } from "./process_input.ts";

/** A stream of its node's process that an executor may inherit. */
export type InheritedStream = "stdin" | "stdout";

/**
 * Milliseconds after which an endlessly writing run lets the connection have its turn, so that it can be
 * cancelled.
 */
const TURN_TIME = 32;

/**
 * The standard streams of this process that its runs use: those inherited from its node. All others go over
 * the caller's connection.
 */
export class ProcessStreams {
  /** Standard input, if it is inherited. */
  readonly stdin: ProcessInput | undefined;
  readonly #writes: boolean;
  #failure: GhostError | undefined;

  /** Uses the `inherited` streams. */
  constructor(inherited: readonly InheritedStream[]) {
    this.stdin = inherited.includes("stdin") ? new ProcessInput() : undefined;
    this.#writes = inherited.includes("stdout");
  }

  /**
   * The error that a run must end with, however its guest handled it: a stream could not be read or written.
   */
  get failure(): GhostError | undefined {
    return this.#failure ?? this.stdin?.failure;
  }

  /** Takes the output of the run of `request`: passes to `sent` what is not for a stream of this process. */
  output({ channel }: IncomingRequest, sent: TakeOutput): TakeOutput {
    if (!this.#writes) return sent;
    let turn = performance.now();
    let isBehind = false;
    const pause = async (): Promise<void> => {
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      turn = performance.now();
    };
    /** Both streams may be one file: what was sent must arrive before what is written now. */
    const writeBehind = async (bytes: Uint8Array): Promise<void> => {
      await channel.taken();
      isBehind = false;
      this.#write(bytes);
    };
    return (bytes, stream) => {
      if (stream === "stderr") {
        isBehind = true;
        return sent(bytes, stream);
      }
      if (isBehind) return writeBehind(bytes.slice());
      this.#write(bytes);
      return performance.now() - turn > TURN_TIME ? pause() : undefined;
    };
  }

  /**
   * @throws {GhostError} `BAD_ARGUMENTS` if it cannot be written, `CANCELLED` if nobody reads it any more.
   */
  #write(bytes: Uint8Array): void {
    try {
      writeStandard("stdout", bytes);
    } catch (error) {
      throw this.#failure = error instanceof ClosedOutput
        ? new GhostError("CANCELLED", error.message, { cause: error, details: { closed: "stdout" } })
        : GhostError.from(error);
    }
  }
}
