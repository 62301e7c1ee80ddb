import type { RegularFile } from "../../files/regular_file.ts";
import { MAX_PIECE } from "../../host/streams.ts";
import { READY } from "./pollable.ts";
import { Closed } from "./stream_error.ts";
import type { InputStream, OutputStream } from "./streams.ts";

/** A file, read from an offset on. */
export class FileInput implements InputStream {
  readonly #file: RegularFile;
  #offset: number;

  /** Reads `file` from `offset` on; `close` is called when it is dropped. */
  constructor(file: RegularFile, offset: number, readonly close: () => void) {
    this.#file = file;
    this.#offset = offset;
  }

  /** See {@linkcode InputStream.read}. */
  read(length: number): Uint8Array {
    const { contents } = this.#file;
    if (this.#offset >= contents.length) throw new Closed();
    const bytes = contents.subarray(this.#offset, this.#offset + Math.min(length, MAX_PIECE));
    this.#offset += bytes.length;
    return bytes;
  }

  /** Always. */
  isReady(): boolean {
    return true;
  }

  /** Need not wait. */
  wait(signal: AbortSignal): Promise<void> {
    return READY.wait(signal);
  }
}

/** A file, written from an offset on, or always at its end. A write that fails closes it. */
export class FileOutput implements OutputStream {
  readonly #file: RegularFile;
  /** Where the next write begins; `undefined` for the end. */
  #offset: number | undefined;
  #failed = false;

  /** Writes to `file` from `offset` on, or without one at its end; `close` is called when it is dropped. */
  constructor(file: RegularFile, offset: number | undefined, readonly close: () => void) {
    this.#file = file;
    this.#offset = offset;
  }

  /** See {@linkcode OutputStream.room}. */
  room(): number {
    if (this.#failed) throw new Closed();
    return MAX_PIECE;
  }

  /** See {@linkcode OutputStream.write}; writes all or nothing. */
  write(bytes: Uint8Array): void {
    this.room();
    if (bytes.length === 0) return;
    try {
      const offset = this.#offset ?? this.#file.size;
      this.#file.write(offset, bytes);
      if (this.#offset !== undefined) this.#offset = offset + bytes.length;
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  /** See {@linkcode write}. */
  writeAll(bytes: Uint8Array): void {
    this.write(bytes);
  }

  /** Always. */
  isReady(): boolean {
    return true;
  }

  /** Need not wait. */
  wait(signal: AbortSignal): Promise<void> {
    return READY.wait(signal);
  }
}
