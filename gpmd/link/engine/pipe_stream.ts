import type { Stream } from "@libp2p/interface";
import { Timer } from "../../../gmp/async/timer.ts";
import { PIPE_BYTES } from "../../../gmp/messages/device.ts";
import type { ByteStream } from "./byte_stream.ts";
import { StreamReader } from "./_stream_reader.ts";
import { writeToStream } from "./_stream_writer.ts";
import { streamBytes } from "./stream_bytes.ts";

/** Milliseconds within which a pipe's token must come. */
const PIPE_TOKEN_TIME = 5000;

/** Makes `stream` a pipe to what the other device has offered as `token`. @throws when the stream breaks. */
export async function openPipe(stream: Stream, token: Uint8Array): Promise<ByteStream> {
  const bytes = streamBytes(stream, new StreamReader(stream));
  await writeToStream(stream, token);
  return bytes;
}

/** Reads the token of a pipe that another device opens by `stream`, and hands both to `take`, which may throw. */
export async function acceptPipe(
  stream: Stream,
  take: (token: Uint8Array, bytes: ByteStream) => void,
): Promise<void> {
  const reader = new StreamReader(stream);
  const timer = new Timer(PIPE_TOKEN_TIME, () => stream.abort(new Error("No token came")));
  try {
    take(await readToken(reader), streamBytes(stream, reader));
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)));
  } finally {
    timer.cancel();
  }
}

async function readToken(reader: StreamReader): Promise<Uint8Array> {
  const token = new Uint8Array(PIPE_BYTES);
  for (let filled = 0; filled < PIPE_BYTES;) {
    const chunk = await reader.next();
    if (chunk === null) throw new Error("The pipe ended before its token");
    const part = chunk.subarray(0, PIPE_BYTES - filled);
    token.set(part, filled);
    filled += part.length;
    if (part.length < chunk.length) reader.putBack(chunk.subarray(part.length));
  }
  return token;
}
