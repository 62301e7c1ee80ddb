import type { InputSource } from "./streams.ts";

/** A standard input that fills as bytes arrive. Whoever fills it must watch its {@linkcode size}. */
export class InputQueue implements InputSource {
  readonly #chunks: Uint8Array[] = [];
  readonly #waiting = new Set<() => void>();
  #size = 0;
  #ended = false;
  /** Those who wait until no more than so many bytes are unread. */
  #senders: { readonly most: number; readonly resolve: () => void }[] = [];

  /** An input of `chunks`, complete if `ended`. */
  constructor(chunks: Iterable<Uint8Array> = [], ended = false, readonly isTerminal = false) {
    for (const chunk of chunks) this.push(chunk);
    this.#ended = ended;
  }

  /** Unread bytes. */
  get size(): number {
    return this.#size;
  }

  /** Adds bytes, without a copy. Does nothing after {@linkcode end}. */
  push(bytes: Uint8Array): void {
    if (this.#ended || bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    this.#wake();
  }

  /** Says that no more bytes will come. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** See {@linkcode InputSource.readable}. */
  readable(): number | undefined {
    return this.#size > 0 || this.#ended ? this.#size : undefined;
  }

  /** See {@linkcode InputSource.read}; reads from one chunk at a time. */
  read(into: Uint8Array): number {
    const first = this.#chunks[0];
    if (first === undefined) return 0;
    const bytes = first.subarray(0, into.length);
    into.set(bytes);
    if (bytes.length === first.length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(bytes.length);
    this.#size -= bytes.length;
    if (this.#senders.length > 0) this.#release();
    return bytes.length;
  }

  /** Resolves once no more than `most` bytes are unread. */
  drained(most: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#senders.push({ most, resolve });
    this.#release();
    return promise;
  }

  #release(): void {
    const ready = this.#senders.filter(({ most }) => this.#size <= most);
    this.#senders = this.#senders.filter(({ most }) => this.#size > most);
    for (const { resolve } of ready) resolve();
  }

  /** See {@linkcode InputSource.wait}. */
  wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.readable() !== undefined) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => {
      this.#waiting.delete(wake);
      reject(signal.reason);
    };
    const wake = () => {
      signal.removeEventListener("abort", abort);
      resolve();
    };
    this.#waiting.add(wake);
    signal.addEventListener("abort", abort);
    return promise;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
