import type { Stream } from "@libp2p/interface";
import type { ByteStream } from "./byte_stream.ts";
import type { StreamReader } from "./_stream_reader.ts";
import { closeStream, writeToStream } from "./_stream_writer.ts";

/** A {@linkcode ByteStream} over a stream of libp2p, whose bytes `reader` reads. */
export function streamBytes(stream: Stream, reader: StreamReader): ByteStream {
  const abort = (reason: unknown) => {
    const error = reason instanceof Error ? reason : new Error("The stream was given up");
    reader.stop(error);
    stream.abort(error);
  };
  const readable = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = await reader.next();
      if (chunk === null) controller.close();
      else controller.enqueue(chunk);
    },
    cancel: abort,
  }, { highWaterMark: 0 });
  const writable = new WritableStream<Uint8Array>({
    write: (chunk) => writeToStream(stream, chunk),
    close: () => stream.close(),
    abort,
  });
  return {
    readable,
    writable,
    close: () => {
      reader.stop(new Error("This side has closed"));
      return closeStream(stream);
    },
    abort,
  };
}
