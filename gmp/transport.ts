/**
 * A reliable ordered stream of bytes, which is all that GMP asks of what it runs over (house.md, "What comes later").
 * TCP and a pair in memory implement it; both pass the suite in tests/gmp/transport_suite.ts.
 */
export interface Transport {
  /**
   * The next bytes, at least one, or `null` when the other side has closed. They are valid until the next `read`, and
   * one read is under way at a time.
   *
   * @throws {GhostError} `CONNECTION_LOST` when the stream broke or was aborted.
   */
  read(): Promise<Uint8Array | null>;
  /**
   * Sends all of `bytes`, which must not change until the promise is resolved: when the stream has taken them, which is
   * later the slower the other side reads. One write is under way at a time.
   *
   * @throws {GhostError} `CONNECTION_LOST` when the stream broke or was aborted.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the stream after what was written; the other side reads `null`. Closing twice does nothing. */
  close(): void;
  /** Ends the stream at once; reads and writes under way fail with `reason` as the cause. */
  abort(reason?: unknown): void;
}
