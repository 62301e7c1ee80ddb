import { GhostError } from "../../gmp/errors.ts";
import { showValue } from "../../gmp/types/misfit.ts";
import type { GhostNodeEvents, Listener } from "./node_options.ts";

type Listeners = { readonly [K in keyof GhostNodeEvents]: Set<Listener<GhostNodeEvents[K]>> };

/** The listeners of a node's events. */
export class NodeEvents {
  readonly #listeners: Listeners = { connect: new Set(), disconnect: new Set(), gpmd: new Set() };

  /**
   * Calls `listener` at every event of that name until the returned function is called.
   *
   * @throws {GhostError} `BAD_ARGUMENTS` for an event that there is not, or a listener that is no function.
   */
  on<K extends keyof GhostNodeEvents>(event: K, listener: Listener<GhostNodeEvents[K]>): () => void {
    if (!Object.hasOwn(this.#listeners, event)) {
      const known = Object.keys(this.#listeners).join(", ");
      throw new GhostError("BAD_ARGUMENTS", `Cannot listen to ${showValue(event)}: the events are ${known}`);
    }
    if (typeof listener !== "function") {
      throw new GhostError("BAD_ARGUMENTS", `Cannot listen: ${showValue(listener)} is no function`);
    }
    const listeners: Set<Listener<GhostNodeEvents[K]>> = this.#listeners[event];
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /**
   * Calls those that listen now and still do when it is their turn: one that is added meanwhile hears of the next event, even if it
   * is one that has just stopped. An error that one throws is reported as uncaught, and affects nothing here.
   */
  emit<K extends keyof GhostNodeEvents>(event: K, value: GhostNodeEvents[K]): void {
    const listeners = this.#listeners[event];
    for (const listener of [...listeners]) {
      if (!listeners.has(listener)) continue;
      try {
        listener(value);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
