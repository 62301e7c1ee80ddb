import { pause } from "../../../gmp/async/pause.ts";

/** Milliseconds until a device that carries others is asked once more to carry them to this one: after a refusal, and at most. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

/** What {@linkcode Relays} need. */
interface RelaysOptions {
  /** Asks the device `id` to carry others to this one, unless it does so. @throws when it does not. */
  reserve(id: string): Promise<void>;
  /** The device `id` carries others to this one from now on. */
  reserved(id: string): void;
  /** It does not; told once for each connection to it. */
  refused(error: Error): void;
}

/**
 * The connected devices that carry others. Each is asked to carry them to this one, and asked again every now and then: what
 * it has agreed to ends with the connection over which it did, and a device may have two for a while.
 */
export class Relays {
  readonly #options: RelaysOptions;
  readonly #ends = new Map<string, AbortController>();

  /** None yet. */
  constructor(options: RelaysOptions) {
    this.#options = options;
  }

  /** Their ids. */
  get ids(): string[] {
    return [...this.#ends.keys()];
  }

  /** Whether the device `id` is one. */
  has(id: string): boolean {
    return this.#ends.has(id);
  }

  /** The device `id` is one from now on. */
  add(id: string): void {
    if (this.#ends.has(id)) return;
    const end = new AbortController();
    this.#ends.set(id, end);
    this.#keepReserved(id, end.signal);
  }

  /** It is none any more, or there is no connection to it. */
  delete(id: string): void {
    this.#ends.get(id)?.abort();
    this.#ends.delete(id);
  }

  /** None is one any more. */
  clear(): void {
    for (const id of this.ids) this.delete(id);
  }

  async #keepReserved(id: string, signal: AbortSignal): Promise<void> {
    const { reserve, reserved, refused } = this.#options;
    let isReserved = false;
    let hasComplained = false;
    for (let wait = FIRST_PAUSE; !signal.aborted; wait = Math.min(2 * wait, LONGEST_PAUSE)) {
      try {
        await reserve(id);
        if (!isReserved && !signal.aborted) reserved(id);
        isReserved = true;
        wait = LONGEST_PAUSE;
      } catch (error) {
        isReserved = false;
        // At first the connection may have been one of two.
        if (!signal.aborted && !hasComplained && wait > FIRST_PAUSE) {
          hasComplained = true;
          refused(error instanceof Error ? error : new Error(String(error)));
        }
      }
      await pause(wait, signal);
    }
  }
}
