import { GhostError } from "../errors.ts";
import type { ElementList, ElementLists } from "./element_lists.ts";
import { Misfit } from "./misfit.ts";
import type { ResourceTable } from "./resource_table.ts";
import type { StreamTable, StreamType } from "./stream_table.ts";
import { typedArrayOf } from "./typed_arrays.ts";
import type { PieceSource } from "./value_streams.ts";
import { MAX_VALUE_BYTES, ValueWriter } from "./value_writer.ts";

/** Bytes of a piece of a stream that is not longer because of its last element. */
const PIECE = 1 << 16;

/** Writes lists of elements into pieces. */
export class PieceWriter implements PieceSource {
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
