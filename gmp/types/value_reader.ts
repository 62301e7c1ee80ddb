import { GhostError } from "../errors.ts";
import type { ResourceTable } from "./resource_table.ts";
import type { StreamTable } from "./stream_table.ts";

/**
 * Bytes of memory that decoded values may take, as estimated: four times the largest payload, since a byte may become
 * an object. A list of a million small records fits.
 */
const VALUE_BUDGET = 1 << 26;
/** Bytes of memory that each thing takes beside its contents, in V8. */
export const Cost = { OBJECT: 48, SLOT: 8, STRING: 24, NUMBER: 24, TYPED_ARRAY: 256 } as const;
/** Longest string, in bytes, that is read here rather than by the engine's decoder, which costs some 100 ns. */
const SHORT = 24;

const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Where encoded values are. */
export interface ValueBytes {
  /** The bytes that hold them, from `start` to `end`. */
  readonly bytes: Uint8Array;
  /** A view of `bytes`, with the same offsets. */
  readonly view: DataView;
  /** Where they start in both. */
  readonly start: number;
  /** Where they end. */
  readonly end: number;
  /** Whether what is read may refer to `bytes`, which nobody else uses. */
  readonly isOwned?: boolean;
}

/** A resource that was given to this side: what stands for it, its handle, and what it is called. */
export type TakenResource = readonly [value: object, handle: number, resource: string];

/** Reads values from the other side one after another, never beyond their end, into a bounded amount of memory. */
export class ValueReader {
  /** The bytes. */
  readonly bytes: Uint8Array;
  /** A view of them, with the same offsets. */
  readonly view: DataView;
  /** Whether what is read may refer to `bytes`. */
  readonly isOwned: boolean;
  /** Resolves resources. */
  readonly resources: ResourceTable | undefined;
  /** Finds streams by their numbers. */
  readonly streams: StreamTable | undefined;
  /** Resources that were given to this side, to be returned if the rest cannot be read. */
  readonly taken: TakenResource[] = [];
  #at: number;
  readonly #end: number;
  #budget = VALUE_BUDGET;

  /** Reads what is at `from`. */
  constructor(
    { bytes, view, start, end, isOwned = false }: ValueBytes,
    resources?: ResourceTable,
    streams?: StreamTable,
  ) {
    this.bytes = bytes;
    this.view = view;
    this.#at = start;
    this.#end = end;
    this.isOwned = isOwned;
    this.resources = resources;
    this.streams = streams;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** About how many bytes of memory what was read takes. */
  get cost(): number {
    return VALUE_BUDGET - this.#budget;
  }

  /** Skips `count` bytes and returns their offset. @throws {GhostError} `BAD_REQUEST` beyond the end. */
  take(count: number): number {
    const offset = this.#at;
    if (count > this.#end - offset) throw unreadable(`${count} bytes are next, and ${this.left} are left`);
    this.#at = offset + count;
    return offset;
  }

  /** Counts `bytes` of memory for what is about to be made. @throws {GhostError} `PAYLOAD_TOO_LARGE`. */
  charge(bytes: number): void {
    this.#budget -= bytes;
    if (this.#budget >= 0) return;
    throw new GhostError(
      "PAYLOAD_TOO_LARGE",
      `Cannot read the values: they take more than ${VALUE_BUDGET} bytes of memory`,
      { details: { limit: VALUE_BUDGET } },
    );
  }

  /** A u32. */
  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  /** How many elements follow, each of at least `least` bytes. @throws {GhostError} `BAD_REQUEST` for too many. */
  count(least: number): number {
    const count = this.u32();
    if (count * least > this.left) {
      throw unreadable(`${count} elements are next, and ${this.left} bytes are left`);
    }
    return count;
  }

  /** A string: the u32 length of its UTF-8, and that. @throws {GhostError} `BAD_REQUEST` for anything else. */
  string(): string {
    const length = this.u32();
    const offset = this.take(length);
    this.charge(Cost.STRING + 2 * length);
    return (length <= SHORT ? this.#ascii(offset, length) : undefined) ?? this.#decode(offset, length);
  }

  /** Returns what was given to this side. */
  undo(): void {
    for (const [value, handle, resource] of this.taken.splice(0)) {
      this.resources!.putBack(value, handle, resource);
    }
  }

  #ascii(offset: number, length: number): string | undefined {
    const { bytes } = this;
    let text = "";
    for (let i = offset; i < offset + length; i++) {
      const byte = bytes[i]!;
      if (byte >= 0x80) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #decode(offset: number, length: number): string {
    try {
      return DECODER.decode(this.bytes.subarray(offset, offset + length));
    } catch (cause) {
      throw unreadable("a string is not UTF-8", cause);
    }
  }
}

/** The error for values from the other side that are not of their types. */
export function unreadable(reason: string, cause?: unknown): GhostError {
  return new GhostError("BAD_REQUEST", `Cannot read the values: ${reason}`, { cause });
}
