import { type InputSource, MAX_PIECE, type OutputSink } from "../../host/streams.ts";
import type { Waits } from "../../host/waits.ts";
import { writePieces } from "../../host/write_pieces.ts";
import { Closed } from "./stream_error.ts";
import type { InputStream, OutputStream } from "./streams.ts";

/** A guest's standard input as a stream. */
export class StandardInput implements InputStream {
  /** See {@linkcode InputStream.arrives}. */
  readonly arrives = true;
  readonly #source: InputSource;

  /** The stream of `source`. */
  constructor(source: InputSource) {
    this.#source = source;
  }

  /** See {@linkcode InputStream.read}. */
  read(length: number): Uint8Array {
    const readable = this.#source.readable();
    if (readable === 0) throw new Closed();
    if (readable === undefined || length === 0) return new Uint8Array(0);
    // Not as many as are known of: a file has more.
    const bytes = new Uint8Array(Math.min(length, MAX_PIECE));
    const count = this.#source.read(bytes, false);
    if (count === 0) throw new Closed(); // only a read tells that a file is at its end
    return bytes.subarray(0, count);
  }

  /** True at the end of the input too. */
  isReady(): boolean {
    return this.#source.readable() !== undefined;
  }

  /** Waits for more input. */
  wait(signal: AbortSignal): Promise<void> {
    return this.#source.wait(signal);
  }
}

/** A guest's standard output, or standard error, as a stream. */
export class StandardOutput implements OutputStream {
  readonly #sink: OutputSink;
  readonly #waits: Waits;
  /** The pause that was asked for and has not ended. */
  #pause: Promise<void> | undefined;

  /** The stream to `sink`, where `waits` are those of the guest. */
  constructor(sink: OutputSink, waits: Waits) {
    this.#sink = sink;
    this.#waits = waits;
  }

  /** None during a pause. */
  room(): number {
    return this.#pause === undefined ? MAX_PIECE : 0;
  }

  /** See {@linkcode OutputStream.write}. */
  write(bytes: Uint8Array): void {
    const asked = bytes.length === 0 ? undefined : this.#sink.write(bytes);
    if (asked === undefined) return;
    // A guest that cannot wait skips the pause.
    if (!this.#waits.canWait) return void this.#waits.pause(asked);
    const pause = asked.then(() => {}, (error) => this.#waits.abort(error)).then(() => {
      if (this.#pause === pause) this.#pause = undefined;
    });
    this.#pause = pause;
  }

  /** See {@linkcode OutputStream.writeAll}. */
  writeAll(bytes: Uint8Array): void | Promise<void> {
    if (this.#pause === undefined) return writePieces(this.#sink, piecesOf(bytes), this.#waits);
    // Copied, since the guest's memory may be gone when the pause has ended.
    const kept = bytes.slice();
    return this.#waits.run(() => this.#pause ?? Promise.resolve())
      .then(() => writePieces(this.#sink, piecesOf(kept), this.#waits));
  }

  /** See {@linkcode room}. */
  isReady(): boolean {
    return this.#pause === undefined;
  }

  /** Waits for the end of the pause. */
  wait(_signal: AbortSignal): Promise<void> {
    return this.#pause ?? Promise.resolve();
  }
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += MAX_PIECE) yield bytes.subarray(at, at + MAX_PIECE);
}
