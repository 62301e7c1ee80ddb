import { Timer } from "../../../gmp/async/timer.ts";
import { GhostError } from "../../../gmp/errors.ts";
import type { PipeEnd } from "./pipe_end.ts";

/** Bytes that begin a pipe, and what came with them. */
interface Start {
  /** The first bytes, as many as were asked for. */
  readonly start: Uint8Array;
  /** What came after them already, perhaps nothing. */
  readonly rest: Uint8Array;
}

/**
 * The first `size` bytes that come out of `end`, which is paused again afterwards.
 *
 * @throws {GhostError} `CONNECTION_LOST` when it ends before, or when they have not come in `milliseconds`; then it has
 * been aborted.
 */
export async function startOf(end: PipeEnd, size: number, milliseconds: number): Promise<Start> {
  const { promise, resolve, reject } = Promise.withResolvers<Start>();
  const fail = (why: string, cause?: Error) => {
    reject(new GhostError("CONNECTION_LOST", `Cannot begin a pipe: ${why}`, { cause }));
    end.abort();
  };
  const timer = new Timer(milliseconds, () => fail(`${milliseconds} ms passed in silence`));
  let come: Uint8Array = new Uint8Array(0);
  end.receive({
    bytes: (chunk) => {
      come = come.length === 0 ? chunk : joined(come, chunk);
      if (come.length < size) return;
      end.pause();
      resolve({ start: come.subarray(0, size), rest: come.subarray(size) });
    },
    ended: () => fail("it ended before its first bytes"),
    drained: () => {},
    closed: (error) => fail("it was closed before its first bytes", error),
  });
  end.resume();
  try {
    return await promise;
  } finally {
    timer.cancel();
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
