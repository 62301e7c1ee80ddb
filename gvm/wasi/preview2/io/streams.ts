import type { Pollable } from "./pollable.ts";

/**
 * The resource `wasi:io/streams.input-stream`. It happens (see {@linkcode Pollable}) when there is something to read.
 * Operations fail with `Closed` at its end.
 */
export interface InputStream extends Pollable {
  /** Up to `length` bytes, valid until the guest runs again; none if a reader would have to wait. */
  read(length: number): Uint8Array;
  /** Called when the guest has dropped it. */
  close?(): void;
}

/**
 * The resource `wasi:io/streams.output-stream`. It happens (see {@linkcode Pollable}) when it has room.
 */
export interface OutputStream extends Pollable {
  /** Bytes that may be written now. */
  room(): number;
  /** Writes `bytes`, no more than there is room for. */
  write(bytes: Uint8Array): void;
  /** Writes `bytes`, however many, waiting for room where there is none. */
  writeAll(bytes: Uint8Array): void | Promise<void>;
  /** Called when the guest has dropped it. */
  close?(): void;
}
