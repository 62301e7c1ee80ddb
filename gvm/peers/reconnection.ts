import { type ErrorCode, GhostError } from "../../gmp/errors.ts";
import { parseNodeAddress } from "../../gmp/names.ts";
import { pause } from "../../gmp/async/pause.ts";

/** Waits before the attempts, in milliseconds; the last one repeats. */
const WAITS = [50, 200, 1000, 5000];
/** The same for a node of another device, unless GPMD says before that devices have changed. */
const WAITS_BETWEEN_DEVICES = [1000, 2000, 4000, 8000, 15_000, 30_000];
/** Refusals that another attempt would not change. */
const FINAL: ReadonlySet<ErrorCode> = new Set(["CONNECTION_DENIED", "DEVICE_NOT_FOUND", "NOT_GRANTED"]);
/**
 * Milliseconds after which a node that GPMD does not know is gone; after a restart of GPMD it registers again
 * within a second.
 */
const GONE_TIME = 1000;

/** Re-establishes connections that broke without a goodbye from either side. */
export class Reconnection {
  readonly #connect: (name: string, signal: AbortSignal) => Promise<unknown>;
  readonly #underWay = new Map<string, AbortController>();
  #changed = new AbortController();
  #closed = false;

  /** Connects with `connect`. */
  constructor(connect: (name: string, signal: AbortSignal) => Promise<unknown>) {
    this.#connect = connect;
  }

  /** Re-establishes the connection to the node of that name, as long as the node exists and accepts us. */
  async begin(name: string): Promise<void> {
    if (this.#closed) return;
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

  /** Tries again at once for nodes of other devices: these have changed. */
  hurry(): void {
    this.#changed.abort();
    this.#changed = new AbortController();
  }

  /** Stops for all nodes, for good: a connection may yet break while the node closes. */
  close(): void {
    this.#closed = true;
    for (const name of [...this.#underWay.keys()]) this.end(name);
  }

  async #attempt(name: string, signal: AbortSignal): Promise<void> {
    const isElsewhere = parseNodeAddress(name).device !== undefined;
    const waits = isElsewhere ? WAITS_BETWEEN_DEVICES : WAITS;
    let missingSince: number | undefined;
    let changed = this.#changed.signal;
    for (let count = 0;; count++) {
      const wait = waits[Math.min(count, waits.length - 1)]!;
      await pause(wait, isElsewhere ? AbortSignal.any([signal, changed]) : signal);
      if (signal.aborted) return;
      if (changed.aborted) count = 0;
      // A change during the attempt ends the next wait.
      changed = this.#changed.signal;
      try {
        return void await this.#connect(name, signal);
      } catch (error) {
        const { code } = GhostError.from(error);
        if (FINAL.has(code)) return;
        // A wait may have been cut short: it does not count.
        const now = performance.now();
        if (code !== "NODE_NOT_FOUND") missingSince = undefined;
        else if (now - (missingSince ??= now) >= GONE_TIME) return;
      }
    }
  }
}
