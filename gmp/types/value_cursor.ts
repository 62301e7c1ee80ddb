import { GhostError } from "../errors.ts";

/** A cursor over the part of a frame that holds values; it never goes beyond its end. */
export class ValueCursor {
  /** The bytes. */
  readonly view: DataView;
  #offset: number;
  readonly #end: number;

  /** Reads the `length` bytes at `offset`. */
  constructor(view: DataView, offset: number, length: number) {
    this.view = view;
    this.#offset = offset;
    this.#end = offset + length;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#end - this.#offset;
  }

  /** Skips `length` bytes and returns their offset in `view`. @throws {GhostError} `BAD_REQUEST` beyond the end. */
  take(length: number): number {
    const offset = this.#offset;
    if (length > this.#end - offset) {
      throw new GhostError(
        "BAD_REQUEST",
        `Cannot read the values: ${length} bytes are next, and ${this.left} are left`,
      );
    }
    this.#offset = offset + length;
    return offset;
  }
}
