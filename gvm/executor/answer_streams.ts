import type { Channel } from "../../gmp/channel/channel.ts";
import type { CallStreams } from "../../gmp/channel/streams.ts";
import { GhostError } from "../../gmp/errors.ts";
import { CONNECTION_BUDGET } from "../../gmp/frames/budget.ts";
import type { ResourceTable } from "../../gmp/types/resource_table.ts";
import { ValueStreams } from "../../gmp/types/value_streams.ts";

/** The streams and futures of one CALL. */
export interface AnswerStreams {
  /** They, as they are read and written. */
  readonly values: ValueStreams;
  readonly wire: CallStreams;
}

/**
 * Those of CALL `id` over `channel`; the engine gets and gives them as they pass.
 *
 * @throws {GhostError} `BAD_REQUEST` when streams of another call under that id are open.
 */
export function answerStreams(channel: Channel, id: number, resources: ResourceTable): AnswerStreams {
  const wire = channel.streams.answer(id);
  const { budget } = channel;
  const values = new ValueStreams(wire, {
    resources,
    present: (_type, lists) => ({ lists: () => lists }),
    charge(bytes) {
      if (bytes <= 0) return budget.give(-bytes);
      if (!budget.fits(bytes)) {
        throw new GhostError(
          "TOO_MANY_REQUESTS",
          `Cannot read the stream: this connection has ${CONNECTION_BUDGET} bytes held for it`,
        );
      }
      budget.take(bytes);
    },
  });
  return { values, wire };
}
