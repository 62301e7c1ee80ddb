/** Bytes in both directions between this device and another, over whatever way there is. */
export interface ByteStream {
  /** What the other side sends, until it closes; fails when the stream breaks. What is not read is not sent. */
  readonly readable: ReadableStream<Uint8Array>;
  /** Takes what the other side is to get: a write resolves when there is room for the next. Closing it ends only this direction. */
  readonly writable: WritableStream<Uint8Array>;
  /** Ends both directions after what was written; resolves when that has been sent. Closing twice does nothing. */
  close(): Promise<void>;
  /** Ends both directions at once; the other side's reads fail. */
  abort(reason?: unknown): void;
}
