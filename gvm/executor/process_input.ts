import type { GhostError } from "../../gmp/errors.ts";
import { systemFault } from "../../gmp/system_fault.ts";
import type { InputSource } from "../wasi/mod.ts";

/**
 * Bytes of the first read, and of every read that has to wait: more than any pipe holds, so only a file can
 * fill it.
 */
const CHUNK = 1 << 21;
/**
 * Bytes read from a file at a time for a guest that asks for fewer; one that asks for more gets them without
 * a copy.
 */
const FILE_CHUNK = 1 << 16;

/**
 * This process's standard input as a guest's. Nothing is read before the guest asks for it, and then always
 * one read ahead; a large file is read as the guest takes it. A pending read cannot be cancelled: this is for
 * a process that ends with its run.
 */
export class ProcessInput implements InputSource {
  /**
   * What the guest has yet to take of the last read, and what was read ahead. They use the buffers in turn.
   */
  #rest: Uint8Array = new Uint8Array(0);
  #ahead: Uint8Array | undefined;
  #buffers: [Uint8Array, Uint8Array] | undefined;
  #reading: Promise<void> | undefined;
  /**
   * Whether reads seem not to wait; and whether one returned less than was asked, which a file does at its
   * end.
   */
  #isFile = false;
  #wasShort = false;
  #ended = false;
  #failure: GhostError | undefined;

  /** Why no more could be read, if that happened. */
  get failure(): GhostError | undefined {
    return this.#failure;
  }

  /** See {@linkcode InputSource.readable}. @throws {GhostError} `BAD_ARGUMENTS` when it cannot be read. */
  readable(): number | undefined {
    this.#advance();
    if (this.#isFile && this.#rest.length === 0) return 1; // or its end, as for poll(2)
    return this.#rest.length > 0 || this.#ended ? this.#rest.length : undefined;
  }

  /** See {@linkcode InputSource.read}. @throws {GhostError} as {@linkcode readable} does. */
  read(into: Uint8Array, hasSome: boolean): number {
    this.#advance();
    if (this.#rest.length === 0 && this.#isFile) {
      if (hasSome) return 0;
      if (into.length >= FILE_CHUNK) return this.#readFile(into);
      const buffer = this.#buffers![0].subarray(0, FILE_CHUNK);
      this.#rest = buffer.subarray(0, this.#readFile(buffer));
    }
    const taken = this.#rest.subarray(0, into.length);
    into.set(taken);
    this.#rest = this.#rest.subarray(taken.length);
    return taken.length;
  }

  /** See {@linkcode InputSource.wait}. */
  async wait(signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener("abort", abort, { once: true });
    try {
      await Promise.race([this.#reading, aborted.promise]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Moves on to what was read ahead when nothing is left, and starts the next read. */
  #advance(): void {
    if (this.#rest.length > 0) return;
    if (this.#ahead !== undefined) {
      this.#rest = this.#ahead;
      this.#ahead = undefined;
    } else if (this.#failure !== undefined) throw this.#failure;
    if (!this.#ended && !this.#isFile) this.#reading ??= this.#readAhead();
  }

  async #readAhead(): Promise<void> {
    const [buffer, other] = this.#buffers ?? [new Uint8Array(CHUNK), new Uint8Array(CHUNK)];
    this.#buffers = [other, buffer];
    try {
      const count = await Deno.stdin.read(buffer);
      this.#isFile = count === CHUNK && !this.#wasShort;
      if (count === null) this.#ended = true;
      else this.#ahead = buffer.subarray(0, count);
    } catch (error) {
      this.#fail(error);
    }
    this.#reading = undefined;
  }

  /** Reads from a file, without waiting. */
  #readFile(into: Uint8Array): number {
    try {
      const count = Deno.stdin.readSync(into);
      this.#ended = count === null;
      this.#wasShort = count !== into.length;
      this.#isFile = !this.#wasShort;
      return count ?? 0;
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #fail(cause: unknown): GhostError {
    this.#ended = true;
    this.#isFile = false;
    return this.#failure = systemFault("BAD_ARGUMENTS", "read standard input", cause);
  }
}
