import type { ElementList, ElementLists } from "./element_lists.ts";
import type { StreamTable, StreamType } from "./stream_table.ts";
import { typedArrayOf } from "./typed_arrays.ts";
import { Cost, unreadable, ValueReader } from "./value_reader.ts";
import type { PieceSource, SideOptions } from "./value_streams.ts";

/** Reads lists of elements out of pieces. */
export class PieceReader implements ElementLists {
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
