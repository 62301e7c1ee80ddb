import { GhostError } from "../../../gmp/errors.ts";
import { REFUSED } from "./endpoint.ts";

/** Dials in a row that a device refuses, after which it has removed this one: one may fail at the same point by chance. */
const REFUSALS_OF_REMOVED = 2;
/** Milliseconds that it is remembered that a key was seen at two places. */
const COPIED_TIME = 3_600_000;

/** What is wrong with paired devices, by their keys: which have removed this one, and which were copied. */
export class DeviceTroubles {
  /** How often in a row each has refused this device. */
  readonly #refusals = new Map<string, number>();
  /** When each was seen at two places, by `performance.now()`. */
  readonly #copied = new Map<string, number>();

  /** The device was dialled in vain, with `error`. */
  failed(id: string, error: unknown): void {
    // What is known once is known until there is a connection, even if the device is not there now.
    if (this.hasRemoved(id)) return;
    const isRefusal = error instanceof GhostError && error.details?.reason === REFUSED;
    this.#refusals.set(id, isRefusal ? (this.#refusals.get(id) ?? 0) + 1 : 0);
  }

  /** The device says that it has removed this one. */
  removed(id: string): void {
    this.#refusals.set(id, REFUSALS_OF_REMOVED);
  }

  /** The device is connected, or is not of interest any more. */
  forget(id: string): void {
    this.#refusals.delete(id);
  }

  /** Whether the device has removed this one, as far as is known. */
  hasRemoved(id: string): boolean {
    return (this.#refusals.get(id) ?? 0) >= REFUSALS_OF_REMOVED;
  }

  /** The key was seen at two places at once. */
  copied(id: string): void {
    this.#copied.set(id, performance.now());
  }

  /** Whether that was within the last hour. */
  wasCopied(id: string): boolean {
    return performance.now() - (this.#copied.get(id) ?? -Infinity) < COPIED_TIME;
  }
}
