import { GhostError } from "../errors.ts";
import type { ResourceTable } from "./resource_table.ts";
import type { StreamTable } from "./stream_table.ts";

/** Bytes of the arguments of one call, and of its result: what is larger belongs into a file or a stream. */
export const MAX_VALUE_BYTES: number = 1 << 24;
const SMALLEST = 256;
/** Bytes of the buffer that is kept between values. */
const LARGEST_IDLE_VALUE = 1 << 16;
/** Longest string, in UTF-16 units, that is written here rather than by the engine's encoder, which costs some 100 ns. */
const SHORT = 32;

const ENCODER = new TextEncoder();

/** Bytes that grow as values are written; the numbers are little-endian. */
export class ValueWriter {
  /** The bytes, of which `length` are written. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(SMALLEST);
  /** A view of all of `bytes`. */
  view: DataView = new DataView(this.bytes.buffer);
  /** How many are written. */
  length = 0;
  /** Resolves resources. */
  resources: ResourceTable | undefined;
  /** Numbers streams. */
  streams: StreamTable | undefined;
  /** How long it may become without a larger buffer. */
  #room = SMALLEST;
  /** How long it may become at all. */
  #most = MAX_VALUE_BYTES;
  /** Resources that were given away, to be taken back if the rest cannot be written. */
  readonly given: (readonly [value: object, handle: number])[] = [];
  /** Streams and futures that were numbered. */
  readonly numbered: number[] = [];

  /** Begins with `length` bytes, which the caller fills. */
  begin(length: number, resources: ResourceTable | undefined, streams?: StreamTable): void {
    this.length = length;
    this.#most = MAX_VALUE_BYTES + length;
    this.#room = Math.min(this.bytes.length, this.#most);
    this.resources = resources;
    this.streams = streams;
    this.given.length = 0;
    this.numbered.length = 0;
  }

  /** Takes back what was given away, all but the first `kept`. */
  undo(kept = 0): void {
    for (const [value, handle] of this.given.splice(kept)) this.resources!.keep(value, handle);
  }

  /** What is written, valid until something else is; or for good, if `keep`: the writer then takes another buffer. */
  end(keep: boolean): Uint8Array<ArrayBuffer> {
    const written = this.bytes.subarray(0, this.length);
    if (keep || this.bytes.length > LARGEST_IDLE_VALUE) this.#use(new Uint8Array(SMALLEST));
    return written;
  }

  /** Room for `count` bytes, to be filled at the returned offset. @throws {GhostError} `PAYLOAD_TOO_LARGE`. */
  take(count: number): number {
    const offset = this.length;
    const end = offset + count;
    if (end > this.#room) this.#grow(end);
    this.length = end;
    return offset;
  }

  /** Writes the u32 length of `text` in UTF-8, then that; `text` has no half of a character. */
  string(text: string): void {
    const { length } = text;
    if (length <= SHORT && this.#ascii(text)) return;
    // Three bytes a unit at most; the room that is too much is given back.
    const offset = this.take(4 + length);
    this.#reserve(offset + 4 + 3 * length);
    const { written } = ENCODER.encodeInto(text, this.bytes.subarray(offset + 4));
    this.view.setUint32(offset, written, true);
    this.length = offset + 4;
    this.take(written);
  }

  #ascii(text: string): boolean {
    const { length } = text;
    const offset = this.take(4 + length);
    const { bytes } = this;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) {
        this.length = offset;
        return false;
      }
      bytes[offset + 4 + i] = code;
    }
    this.view.setUint32(offset, length, true);
    return true;
  }

  #grow(end: number): void {
    if (end > this.#most) {
      throw new GhostError(
        "PAYLOAD_TOO_LARGE",
        `Cannot send the values: they take more than ${MAX_VALUE_BYTES} bytes`,
        { details: { limit: MAX_VALUE_BYTES } },
      );
    }
    this.#reserve(end);
  }

  #reserve(end: number): void {
    if (end <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(end, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.length));
    this.#use(larger);
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.#room = Math.min(bytes.length, this.#most);
  }
}
