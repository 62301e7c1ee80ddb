import { HostFuture } from "../../component/host_future.ts";
import type { StreamSink, StreamSource } from "../../component/host_streams.ts";
import { AS_VARIANT, fileError } from "../components/filesystem/error_code.ts";
import type { Result } from "../components/result.ts";
import { Failure } from "../host/errno.ts";

/** A result without a value. */
export type Outcome = { readonly tag: "ok" } | Result<never, unknown>;

/** It is fine. */
export const DONE: Outcome = { tag: "ok" };

/** A source that need not wait. */
export function readySource(read: StreamSource["read"], close: () => void): StreamSource {
  return { isReady: () => true, read, wait: () => Promise.resolve(), close };
}

/** A source that is at its end. */
export const NOTHING: StreamSource = readySource(() => [], () => {});

/** A stream or a future that a guest sends; what it has comes in lists, of a future as the only value of one. */
export interface SentByGuest {
  /** Has `sink` receive it. */
  receive(sink: StreamSink): void;
  /** Receives no more. */
  drop(): void;
}

/** Writes all bytes that a guest sends: a future of the end, or of the error of a file. Any other error ends the guest. */
export function receive(
  stream: SentByGuest,
  write: (bytes: Uint8Array) => void | Promise<void>,
  close: () => void = () => {},
): HostFuture {
  const future = new HostFuture();
  stream.receive({
    write: (bytes) => write(bytes as Uint8Array),
    end(error) {
      close();
      if (error !== undefined && !(error instanceof Failure)) throw error;
      future.settle(error === undefined ? DONE : fileError(AS_VARIANT, error));
    },
  });
  return future;
}
