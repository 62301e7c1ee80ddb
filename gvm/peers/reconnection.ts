import { GhostError } from "../../gmp/errors.ts";
import { pause } from "../../gmp/async/pause.ts";

/** Waits before the attempts, in milliseconds; the last one repeats. */
const WAITS = [50, 200, 1000, 5000];
/**
 * Milliseconds after which a node that GPMD does not know is gone; after a restart of GPMD it registers again
 * within a second.
 */
const GONE_TIME = 1000;

/** Re-establishes connections that broke without a goodbye from either side. */
export class Reconnection {
  readonly #connect: (name: string, signal: AbortSignal) => Promise<unknown>;
  readonly #underWay = new Map<string, AbortController>();

  /** Connects with `connect`. */
  constructor(connect: (name: string, signal: AbortSignal) => Promise<unknown>) {
    this.#connect = connect;
  }

  /** Re-establishes the connection to the node of that name, as long as the node exists and accepts us. */
  async begin(name: string): Promise<void> {
    const stop = new AbortController();
    this.#underWay.get(name)?.abort();
    this.#underWay.set(name, stop);
    await this.#attempt(name, stop.signal);
    if (this.#underWay.get(name) === stop) this.#underWay.delete(name);
  }

  /** Stops for one node: true if there was anything to stop. */
  end(name: string): boolean {
    this.#underWay.get(name)?.abort();
    return this.#underWay.delete(name);
  }

  /** Stops for all nodes. */
  close(): void {
    for (const name of [...this.#underWay.keys()]) this.end(name);
  }

  async #attempt(name: string, signal: AbortSignal): Promise<void> {
    let missing = false;
    for (let count = 0;; count++) {
      const wait = WAITS[Math.min(count, WAITS.length - 1)]!;
      await pause(wait, signal);
      if (signal.aborted) return;
      try {
        return void await this.#connect(name, signal);
      } catch (error) {
        const { code } = GhostError.from(error);
        if (code === "CONNECTION_DENIED") return;
        if (code === "NODE_NOT_FOUND" && missing && wait >= GONE_TIME) return;
        missing = code === "NODE_NOT_FOUND";
      }
    }
  }
}
