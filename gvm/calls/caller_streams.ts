import type { Channel } from "../../gmp/channel/channel.ts";
import type { CallStreams } from "../../gmp/channel/streams.ts";
import type { GhostError } from "../../gmp/errors.ts";
import { promiseOf, readableOf } from "../../gmp/types/element_lists.ts";
import type { ResourceTable } from "../../gmp/types/resource_table.ts";
import { ValueStreams } from "../../gmp/types/value_streams.ts";

/** The streams and futures of one call as its caller has them: `ReadableStream`s and promises. */
export class CallerStreams {
  /** They, as they are written and read. */
  readonly values: ValueStreams;
  /** Resolves when the call is over: it is answered, and none of them is open any more. */
  readonly over: Promise<void>;
  readonly #channel: Channel;
  readonly #wire: CallStreams;

  /** Those of a call over `channel`; resources among their elements are in `resources`. */
  constructor(channel: Channel, resources: ResourceTable) {
    this.#channel = channel;
    const wire = this.#wire = channel.streams.ask();
    const over = Promise.withResolvers<void>();
    this.over = over.promise;
    wire.over = () => {
      channel.forget(wire.id);
      over.resolve();
    };
    this.values = new ValueStreams(wire, {
      resources,
      present: ({ kind, element }, lists) =>
        kind === "future" ? promiseOf(lists) : readableOf(lists, element),
      charge: () => {}, // the program has asked for them
    });
  }

  /** Whether any is open. */
  get isOpen(): boolean {
    return this.#wire.isOpen;
  }

  /** The call is sent under `id`. */
  begin(id: number): void {
    this.#channel.streams.begin(this.#wire, id);
  }

  /** The call is not sent: what it would have passed has not been touched. */
  discard(): void {
    this.#wire.discard();
  }

  /** The call is answered. */
  answered(): void {
    this.#wire.answered();
  }

  /** The call has failed with `error`, and the other side knows. */
  fail(error: GhostError): void {
    this.#wire.fail(error);
  }

  /** The answer cannot be read: the other side is told that nothing more is wanted. */
  cancel(error: GhostError): void {
    this.#wire.cancel(error);
  }
}
