import { GhostError } from "../errors.ts";

/**
 * A reliable ordered stream of bytes, which is all that GMP needs to run over. TCP and a pair in memory implement it;
 * both pass the suite in tests/gmp/transport_suite.ts. `read` and `write` are those of Deno's connections, so that a
 * channel waits for no promise but theirs.
 */
export interface Transport {
  /** Bytes of its read buffer, if it has one of its own. */
  readonly capacity?: number;
  /**
   * Waits for the next bytes and returns their count, at least one, or `null` when the other side has closed. One read
   * may be under way at a time. Rejects, with any error that says why, when the stream broke or was closed here.
   */
  read(): Promise<number | null>;
  /** The buffer that starts with the `count` bytes of the last `read`; valid until the next. */
  received(count: number): Uint8Array;
  /**
   * Sends `bytes`, which must not change until the promise resolves to how many the stream has taken: the slower the
   * other side reads, the later. One write may be under way at a time. Rejects as `read` does.
   */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the stream after what was written; the other side reads `null`. Closing twice does nothing. */
  close(): void;
}

/**
 * The next bytes of `transport`, valid until the next read; `null` when the other side has closed.
 *
 * @throws {GhostError} `CONNECTION_LOST` when the stream broke or was closed here.
 */
export async function readBytes(transport: Transport): Promise<Uint8Array | null> {
  let count: number | null;
  try {
    count = await transport.read();
  } catch (cause) {
    throw connectionLost(cause);
  }
  return count === null ? null : transport.received(count).subarray(0, count);
}

/**
 * Sends all of `bytes`.
 *
 * @throws {GhostError} `CONNECTION_LOST` when the stream broke or was closed here.
 */
export async function writeBytes(transport: Transport, bytes: Uint8Array): Promise<void> {
  try {
    for (let sent = 0; sent < bytes.length;) sent += await transport.write(bytes.subarray(sent));
  } catch (cause) {
    throw connectionLost(cause);
  }
}

/** The error for a read or write that failed with `cause`. */
export function connectionLost(cause: unknown): GhostError {
  return new GhostError("CONNECTION_LOST", undefined, { cause });
}
