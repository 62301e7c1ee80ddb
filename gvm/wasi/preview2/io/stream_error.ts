import { Failure } from "../../host/errno.ts";
import { err, ok, type Result } from "../../components/result.ts";

/** The resource `wasi:io/error.error`: why an operation on a stream failed. */
export class IoError {
  /** Of the failure `errno`. */
  constructor(readonly errno: number) {}
}

/** The variant `wasi:io/streams.stream-error`. */
export type StreamError =
  | { readonly tag: "last-operation-failed"; readonly val: IoError }
  | { readonly tag: "closed" };

/** Ends an operation on a stream that is at its end, or failed before. Like `Failure` it never leaves WASI. */
export class Closed {}

/** The result of `operation` on a stream, which may return a promise if the guest has to wait. */
export function streamResult<T>(
  operation: () => T | Promise<T>,
): Result<T, StreamError> | Promise<Result<T, StreamError>> {
  try {
    const value = operation();
    return value instanceof Promise ? value.then(ok<T>, streamError) : ok(value);
  } catch (error) {
    return streamError(error);
  }
}

/** The error of an operation on a stream. Anything but a failure is hidden from the guest, and ends it. */
function streamError(error: unknown): Result<never, StreamError> {
  if (error instanceof Closed) return err({ tag: "closed" });
  if (error instanceof Failure) return err({ tag: "last-operation-failed", val: new IoError(error.errno) });
  throw error;
}
