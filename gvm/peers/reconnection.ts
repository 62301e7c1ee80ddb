import { GhostError } from "../../gmp/errors.ts";
import { pause } from "../../gmp/async/pause.ts";

/** Waits before the attempts, in milliseconds; the last one again and again. */
const WAITS = [50, 200, 1000, 5000];
/** A node that GPMD has not known for so long is gone; where GPMD was started anew, it registers again within a second. */
const GONE_TIME = 1000;

/** Connections that broke although neither side said goodbye, and are being made again. */
export class Reconnection {
  readonly #connect: (name: string, signal: AbortSignal) => Promise<unknown>;
  readonly #underWay = new Map<string, AbortController>();

  /** `connect` makes a connection. */
  constructor(connect: (name: string, signal: AbortSignal) => Promise<unknown>) {
    this.#connect = connect;
  }

  /** Makes the connection to the node of that name again, as long as that node is there and lets us in. */
  async begin(name: string): Promise<void> {
    const stop = new AbortController();
    this.#underWay.get(name)?.abort();
    this.#underWay.set(name, stop);
    await this.#attempt(name, stop.signal);
    if (this.#underWay.get(name) === stop) this.#underWay.delete(name);
  }

  /** Gives one up: true when there was one. */
  end(name: string): boolean {
    this.#underWay.get(name)?.abort();
    return this.#underWay.delete(name);
  }

  /** Gives all of them up. */
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
