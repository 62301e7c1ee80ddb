import type { PipeEnd } from "./pipe_end.ts";

/** Milliseconds until a lane that could not be opened is tried again: what a call waits for in vain, once in a while. */
const LANE_RETRY_TIME = 60_000;

/** What {@linkcode Ways} need. */
interface WaysOptions {
  /** Opens a lane to `device`, and throws where none can be. */
  lane(device: string): Promise<PipeEnd>;
  /** Opens a pipe to `device` by a stream of their connection, which always works while there is one. */
  stream(device: string, token: Uint8Array): Promise<PipeEnd>;
  /** The time in milliseconds, on a clock that never goes back; by default `performance.now`. */
  now?(): number;
}

/**
 * By which way a pipe goes: a lane where one can be opened, otherwise a stream. It is chosen when a pipe is opened and
 * never changed within one. A lane that could not be opened is not tried again for a while.
 */
export class Ways {
  readonly #options: WaysOptions;
  /** Devices to which the last lane could be opened. */
  readonly #open = new Set<string>();
  /** Those to which it could not, and until when that counts. */
  readonly #closedUntil = new Map<string, number>();

  /** No lane has been tried yet. */
  constructor(options: WaysOptions) {
    this.#options = options;
  }

  /** Whether the next pipe to `device` is expected to go by a lane: the last one did. */
  hasLane(device: string): boolean {
    return this.#open.has(device);
  }

  /**
   * Opens a pipe to what `device` has offered as `token`.
   *
   * @throws as `stream` does, when there is no lane either.
   */
  async open(device: string, token: Uint8Array): Promise<PipeEnd> {
    const lane = await this.#lane(device);
    if (lane === undefined) return await this.#options.stream(device, token);
    lane.send(token.slice());
    return lane;
  }

  /**
   * Finds out, with a lane for nothing, whether one can be opened to `device`, so that no call has to: for when it has
   * offered one, or its addresses are others.
   */
  async explore(device: string): Promise<void> {
    this.forget(device);
    (await this.#lane(device))?.abort();
  }

  /** Forgets what it knows of `device`: the next pipe tries a lane. */
  forget(device: string): void {
    this.#open.delete(device);
    this.#closedUntil.delete(device);
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now();
  }

  async #lane(device: string): Promise<PipeEnd | undefined> {
    if (this.#now() < (this.#closedUntil.get(device) ?? 0)) return undefined;
    try {
      const end = await this.#options.lane(device);
      this.#closedUntil.delete(device);
      this.#open.add(device);
      return end;
    } catch {
      // Whatever it is, a stream does as well.
      this.#open.delete(device);
      this.#closedUntil.set(device, this.#now() + LANE_RETRY_TIME);
      return undefined;
    }
  }
}
