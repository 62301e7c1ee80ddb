import type { GhostError } from "../errors.ts";
import { PieceReader } from "./_piece_reader.ts";
import { PieceWriter } from "./_piece_writer.ts";
import { type ElementLists, elementLists, holdPromises, isPassed, isStream } from "./element_lists.ts";
import type { ResourceTable } from "./resource_table.ts";
import type { StreamTable, StreamType } from "./stream_table.ts";
import { unreadable } from "./value_reader.ts";

/** The bytes of a stream, piece by piece, each with whole elements. */
export interface PieceSource {
  /** The next piece; `undefined` at the end. */
  next(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Nobody wants any more. */
  cancel(reason?: unknown): void;
  /** Whether there is only one piece. */
  readonly isOne?: boolean;
}

/** The streams of one call on the wire. */
interface WireStreams {
  /** Sends what `source` has, when it is asked for: the number of the stream. */
  send(source: PieceSource): number;
  /** Stream `number` is not sent after all; its source is cancelled if there is a `reason`. */
  withdraw(number: number, reason?: GhostError): void;
  /** What the other side sends under `number`. */
  receive(number: number): PieceSource;
}

/** What one side of a call knows besides. */
export interface SideOptions {
  /** Resolves resources among the elements. */
  readonly resources: ResourceTable;
  /** What stands for a stream or a future that comes. */
  readonly present: (type: StreamType, lists: ElementLists) => unknown;
  /** Counts bytes of memory that elements take until the next are asked for. @throws {GhostError} `TOO_MANY_REQUESTS`. */
  readonly charge: (bytes: number) => void;
}

/** The streams and futures of one call as one side has them: their elements are written and read by their types. */
export class ValueStreams implements StreamTable {
  readonly #wire: WireStreams;
  readonly #options: SideOptions;

  /** Those that `wire` sends and receives. */
  constructor(wire: WireStreams, options: SideOptions) {
    this.#wire = wire;
    this.#options = options;
  }

  /** See {@linkcode StreamTable.numberOf}. */
  numberOf(value: unknown, type: StreamType): number {
    holdPromises([value]);
    // Otherwise it is not touched before somebody wants it: the call may yet be refused.
    const open = () => type.kind === "stream" ? elementLists(value, type.element) : listOfValue(value);
    return this.#wire.send(new PieceWriter(type, open, this.#options.resources, this));
  }

  /** See {@linkcode StreamTable.withdraw}. */
  withdraw(number: number, reason?: GhostError): void {
    this.#wire.withdraw(number, reason);
  }

  /** See {@linkcode StreamTable.valueOf}. */
  valueOf(number: number, type: StreamType): unknown {
    return this.#options.present(
      type,
      new PieceReader(type, this.#wire.receive(number), this.#options, this),
    );
  }
}

/** For values that are only looked at: no stream is sent. */
export const LOOKING_STREAMS: StreamTable = {
  numberOf(value) {
    holdPromises([value]);
    return 0;
  },
  withdraw: () => {},
  valueOf: (number) => {
    throw unreadable(`there is no stream ${number} here`);
  },
};

/** Whether `value` can be sent for a stream or a future of that kind. */
export function fitsStream(kind: StreamType["kind"], value: unknown): boolean {
  return kind === "future" || isStream(value);
}

/** The value of a future, or a promise of it. */
function listOfValue(value: unknown): ElementLists {
  if (isPassed(value)) return value.lists();
  return { next: async () => [await value], cancel: () => {} };
}
