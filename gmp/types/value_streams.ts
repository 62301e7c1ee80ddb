import { GhostError } from "../errors.ts";
import {
  type ElementList,
  type ElementLists,
  elementLists,
  holdPromises,
  isPassed,
  isStream,
} from "./element_lists.ts";
import { Misfit } from "./misfit.ts";
import type { ResourceTable } from "./resource_table.ts";
import type { StreamTable, StreamType } from "./stream_table.ts";
import { typedArrayOf } from "./typed_arrays.ts";
import { Cost, unreadable, ValueReader } from "./value_reader.ts";
import { MAX_VALUE_BYTES, ValueWriter } from "./value_writer.ts";

/** Bytes of a piece of a stream that is not longer because of its last element. */
const PIECE = 1 << 16;

/** The bytes of a stream, piece by piece, each with whole elements. */
interface PieceSource {
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
interface SideOptions {
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

/** Writes lists of elements into pieces. */
class PieceWriter implements PieceSource {
  readonly isOne: boolean;
  readonly #type: StreamType;
  readonly #open: () => ElementLists;
  #lists: ElementLists | undefined;
  readonly #resources: ResourceTable;
  readonly #streams: StreamTable;
  /** What is left of the last list. */
  #list: ElementList = [];
  #at = 0;
  #isCancelled = false;

  constructor(type: StreamType, open: () => ElementLists, resources: ResourceTable, streams: StreamTable) {
    this.isOne = type.kind === "future";
    this.#type = type;
    this.#open = open;
    this.#resources = resources;
    this.#streams = streams;
  }

  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      return await this.#next();
    } catch (error) {
      const reason = error instanceof Misfit ? doesNotFit(this.#type, error) : error;
      this.cancel(reason);
      throw reason;
    }
  }

  async #next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    while (this.#at >= this.#list.length) {
      const list = await (this.#lists ??= this.#open()).next();
      if (list === undefined || this.#isCancelled) return undefined;
      this.#list = list;
      this.#at = 0;
    }
    return this.#numbers() ?? this.#elements();
  }

  cancel(reason?: unknown): void {
    this.#isCancelled = true;
    try {
      (this.#lists ??= this.#open()).cancel(reason);
    } catch {
      // It was never begun, and somebody else reads it by now.
    }
  }

  /** Numbers in a typed array are on the wire as they are in memory. */
  #numbers(): Uint8Array<ArrayBuffer> | undefined {
    const { element } = this.#type;
    const list = this.#list;
    const Typed = typedArrayOf(element);
    if (Typed === undefined || !(list instanceof Typed)) return undefined;
    const size = Typed.BYTES_PER_ELEMENT;
    const count = Math.min(list.length - this.#at, PIECE / size);
    const bytes = new Uint8Array(list.buffer as ArrayBuffer, list.byteOffset + this.#at * size, count * size);
    this.#at += count;
    return bytes;
  }

  #elements(): Uint8Array<ArrayBuffer> {
    const { codec, kind } = this.#type;
    const out = new ValueWriter();
    out.begin(0, this.#resources, this.#streams);
    for (; this.#at < this.#list.length && out.length < PIECE; this.#at++) {
      const start = out.length;
      const [given, numbered] = [out.given.length, out.numbered.length];
      try {
        if (codec === null) out.bytes[out.take(1)] = 0;
        else codec.write(out, this.#list[this.#at]);
      } catch (error) {
        const reason = isTooLarge(error) ? tooLarge(kind) : error;
        out.undo(given);
        this.#withdraw(out, numbered, start === 0 ? GhostError.from(reason) : undefined);
        if (start === 0) throw reason;
        // It begins the next piece, into which it may fit; if not, what comes before it is sent all the same.
        out.length = start;
        break;
      }
    }
    return out.end(true);
  }

  #withdraw({ numbered }: ValueWriter, kept: number, reason?: GhostError): void {
    for (const number of numbered.splice(kept)) this.#streams.withdraw(number, reason);
  }
}

/** Reads lists of elements out of pieces. */
class PieceReader implements ElementLists {
  readonly #type: StreamType;
  readonly #pieces: PieceSource;
  readonly #options: SideOptions;
  readonly #streams: StreamTable;
  /** What the elements that were read last take. */
  #cost = 0;
  #isCancelled = false;

  constructor(type: StreamType, pieces: PieceSource, options: SideOptions, streams: StreamTable) {
    this.#type = type;
    this.#pieces = pieces;
    this.#options = options;
    this.#streams = streams;
  }

  async next(): Promise<ElementList | undefined> {
    this.#charge(0);
    const piece = await this.#pieces.next();
    if (this.#isCancelled) return undefined;
    if (piece === undefined) {
      if (this.#type.kind === "future") throw unreadable("a future has no value");
      return undefined;
    }
    try {
      return this.#read(piece);
    } catch (error) {
      this.cancel();
      throw error;
    }
  }

  cancel(reason?: unknown): void {
    this.#isCancelled = true;
    this.#charge(0);
    this.#pieces.cancel(reason);
  }

  #read(piece: Uint8Array<ArrayBuffer>): ElementList {
    const { element, codec, kind } = this.#type;
    const { length } = piece;
    const Typed = typedArrayOf(element);
    if (Typed !== undefined) {
      const size = Typed.BYTES_PER_ELEMENT;
      if (length % size !== 0) throw unreadable(`${length} bytes are no elements of ${size} bytes`);
      if (kind === "future" && length !== size) throw unreadable("a future has more than one value");
      if (kind === "stream") this.#charge(length);
      return new Typed(piece.buffer, piece.byteOffset, length / size) as ElementList;
    }
    const view = new DataView(piece.buffer, piece.byteOffset, length);
    const reader = new ValueReader(
      { bytes: piece, view, start: 0, end: length },
      this.#options.resources,
      this.#streams,
    );
    const list: unknown[] = [];
    try {
      while (reader.left > 0) {
        reader.charge(Cost.SLOT);
        list.push(codec === null ? nothing(reader) : codec.read(reader));
      }
      if (kind === "future" && list.length !== 1) throw unreadable("a future has not one value");
    } catch (error) {
      reader.undo();
      throw error;
    }
    // The value of a future is passed on at once, and no other is asked for.
    if (kind === "stream") this.#charge(reader.cost);
    return list;
  }

  /** What was read last takes `bytes`. */
  #charge(bytes: number): void {
    const more = bytes - this.#cost;
    this.#cost = 0;
    this.#options.charge(more);
    this.#cost = bytes;
  }
}

function nothing(reader: ValueReader): undefined {
  const byte = reader.view.getUint8(reader.take(1));
  if (byte !== 0) throw unreadable(`an element without a type is ${byte}`);
}

function doesNotFit({ kind }: StreamType, { steps, message, type }: Misfit): GhostError {
  const what = kind === "stream" ? "an element of the stream" : "the value of the future";
  return new GhostError("BAD_ARGUMENTS", `Cannot pass ${[what, ...steps].join(", ")}: it is ${message}`, {
    details: { expected: type },
  });
}

function isTooLarge(error: unknown): boolean {
  return error instanceof GhostError && error.code === "PAYLOAD_TOO_LARGE";
}

function tooLarge(kind: string): GhostError {
  const what = kind === "stream" ? "an element of the stream" : "the value of the future";
  return new GhostError(
    "PAYLOAD_TOO_LARGE",
    `Cannot send ${what}: it takes more than ${MAX_VALUE_BYTES} bytes`,
    { details: { limit: MAX_VALUE_BYTES } },
  );
}
