import type { Stream, StreamCloseEvent } from "@libp2p/interface";

/** Milliseconds in which what was written before a stream was closed must have been taken. */
const STREAM_CLOSE_TIME = 5000;

/**
 * Sends `bytes`, which may change afterwards, and resolves when there is room for more. One write may be under way at a
 * time. `onDrain` of libp2p 3.3 resolves at once from its second use on, so the events are listened to here.
 *
 * @throws when the stream is or becomes closed.
 */
export async function writeToStream(stream: Stream, bytes: Uint8Array): Promise<void> {
  // What the layers below cannot take yet they keep, by reference.
  stream.send(bytes.slice());
  if (!isFull(stream)) return;
  const room = Promise.withResolvers<void>();
  const change = () => {
    if (!isFull(stream)) room.resolve();
  };
  const close = ({ error }: StreamCloseEvent) => room.reject(error ?? new Error("The connection has ended"));
  stream.addEventListener("drain", change);
  stream.addEventListener("idle", change);
  stream.addEventListener("close", close);
  try {
    if (stream.writeStatus === "closed") throw new Error("The stream was closed");
    await room.promise;
  } finally {
    stream.removeEventListener("drain", change);
    stream.removeEventListener("idle", change);
    stream.removeEventListener("close", close);
  }
}

function isFull(stream: Stream): boolean {
  return stream.writableNeedsDrain || stream.writeBufferLength > 0;
}

/**
 * Ends `stream` in both directions after what was written, which the other side has some seconds to take; after that,
 * when it sends more, or when it does not end its own direction, the stream is reset.
 */
export async function closeStream(stream: Stream): Promise<void> {
  const signal = AbortSignal.timeout(STREAM_CLOSE_TIME);
  const reset = () => stream.abort(new Error("This side has closed"));
  const end = () => signal.removeEventListener("abort", reset);
  stream.addEventListener("close", end, { once: true });
  signal.addEventListener("abort", reset, { once: true });
  try {
    await stream.close({ signal });
    stream.addEventListener("message", reset, { once: true });
  } catch {
    reset();
  }
  if (stream.status !== "open" && stream.status !== "closing") end();
}
