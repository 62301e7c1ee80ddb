import type { Stream } from "@libp2p/interface";
import { pause } from "../../../gmp/async/pause.ts";
import type { Transport } from "../../../gmp/transports/transport.ts";
import type { Rate } from "./rate.ts";
import { StreamReader } from "./_stream_reader.ts";
import { closeStream, writeToStream } from "./_stream_writer.ts";

/**
 * A {@linkcode Transport} over a stream of libp2p: a channel between two devices. Noise has authenticated both and
 * encrypts what passes.
 */
export class StreamTransport implements Transport {
  readonly #stream: Stream;
  readonly #reader: StreamReader;
  #received: Uint8Array = new Uint8Array(0);
  readonly #rate: Rate | undefined;
  readonly #end = new AbortController();

  /** Takes over `stream`; what comes faster than `rate` lets it, in bytes, waits, and so does the other side then. */
  constructor(stream: Stream, rate?: Rate) {
    this.#stream = stream;
    this.#rate = rate;
    this.#reader = new StreamReader(stream);
  }

  /** When bytes last came, by `performance.now()`. */
  get heardAt(): number {
    return this.#reader.heardAt;
  }

  /** See {@linkcode Transport.read}. */
  async read(): Promise<number | null> {
    const chunk = await this.#reader.next();
    if (chunk === null) return null;
    this.#received = chunk;
    const wait = this.#rate?.take(chunk.length) ?? 0;
    if (wait > 0) await pause(wait, this.#end.signal);
    return chunk.length;
  }

  /** See {@linkcode Transport.received}. */
  received(): Uint8Array {
    return this.#received;
  }

  /** See {@linkcode Transport.write}. */
  async write(bytes: Uint8Array): Promise<number> {
    await writeToStream(this.#stream, bytes);
    return bytes.length;
  }

  /** See {@linkcode Transport.close}. */
  close(): void {
    if (this.#end.signal.aborted) return;
    this.#end.abort();
    this.#reader.stop(new Error("This side has closed"));
    closeStream(this.#stream);
  }
}
