import { ClosedOutput, writeStandard } from "../../gmp/command/standard_output.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { IncomingRequest } from "../../gmp/channel/incoming.ts";
import type { TakeOutput } from "../engine/output.ts";
import { ProcessInput } from "./process_input.ts";

/** A stream of its node's process that an executor may have as its own. */
export type InheritedStream = "stdin" | "stdout";

/** Milliseconds after which a run that writes without end lets the connection have its turn, and whoever cancels it. */
const TURN_TIME = 32;

/**
 * The standard streams of this process, as its runs have them: those that it has inherited from its node. All others go by the
 * connection of whoever asked for the run.
 */
export class ProcessStreams {
  /** Standard input, where it is inherited. */
  readonly stdin: ProcessInput | undefined;
  readonly #writes: boolean;
  #failure: GhostError | undefined;

  /** The `inherited` streams. */
  constructor(inherited: readonly InheritedStream[]) {
    this.stdin = inherited.includes("stdin") ? new ProcessInput() : undefined;
    this.#writes = inherited.includes("stdout");
  }

  /** What a run must end with, whatever its guest has made of it: a stream could not be read or written. */
  get failure(): GhostError | undefined {
    return this.#failure ?? this.stdin?.failure;
  }

  /** Takes what the run of `request` writes: hands to `sent` what is not for a stream of this process. */
  output({ channel }: IncomingRequest, sent: TakeOutput): TakeOutput {
    if (!this.#writes) return sent;
    let turn = performance.now();
    let isBehind = false;
    const pause = async (): Promise<void> => {
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      turn = performance.now();
    };
    /** Both streams may be one file: what was sent is to be there before what is written now. */
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

  /** @throws {GhostError} `BAD_ARGUMENTS` where it cannot be written, `CANCELLED` where nobody reads it any more. */
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
