import { GhostError } from "../errors.ts";

/**
 * What `promise` settles to, unless `signal` aborts first. The work itself goes on.
 *
 * @throws {GhostError} `CANCELLED` as soon as `signal` aborts.
 */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(cancelled(signal));
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([aborted.promise, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The error for work that `signal` ended. */
export function cancelled(signal: AbortSignal): GhostError {
  return new GhostError("CANCELLED", undefined, { cause: signal.reason });
}
