import { GhostError } from "../../gmp/errors.ts";

/** Nodes that one device may locate at once: as many as may reconnect after its link was away. */
const MAX_LOCATES = 1024;
/** Milliseconds after which it may locate one more: each costs a ticket, and room at the node until that is used or late. */
const LOCATE_TIME = 20;
/** Connections for the commands of one device, and of all together, as at the port of commands. */
const MAX_ENTERED_OF_DEVICE = 32;
const MAX_ENTERED = 256;
/** Lines of the log about what one device does, in {@linkcode LOG_INTERVAL}: its log shows more than one device's doings. */
const MAX_LOGGED = 20;
const LOG_INTERVAL = 10_000;
/** Devices that are counted; the link names them. */
const MAX_COUNTED = 2048;

/** What one device has done. */
interface Counted {
  /** When it will have waited for all that it has located, by the clock of {@linkcode DeviceQuotas}. */
  located: number;
  entered: number;
  logged: number;
  loggedSince: number;
}

/** How much each of the other devices may ask GPMD for, which serves them all and the nodes of its own. */
export class DeviceQuotas {
  readonly #now: () => number;
  readonly #counted = new Map<string, Counted>();
  #entered = 0;

  /** Nothing has been asked for; `now` is a monotonic clock, in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** `device` locates a node. @throws {GhostError} `TOO_MANY_REQUESTS` when it does so too often. */
  locate(device: string): void {
    const counted = this.#of(device);
    const now = this.#now();
    const next = Math.max(counted.located, now) + LOCATE_TIME;
    if (next - now > MAX_LOCATES * LOCATE_TIME) {
      throw new GhostError(
        "TOO_MANY_REQUESTS",
        `Cannot locate: "${device}" has located too many nodes lately`,
      );
    }
    counted.located = next;
  }

  /** `device` opens a connection for commands. @throws {GhostError} `TOO_MANY_CONNECTIONS` when there are too many. */
  enter(device: string): void {
    const counted = this.#of(device);
    if (counted.entered >= MAX_ENTERED_OF_DEVICE || this.#entered >= MAX_ENTERED) {
      throw new GhostError("TOO_MANY_CONNECTIONS", `Cannot enter: "${device}" has too many connections`);
    }
    counted.entered++;
    this.#entered++;
  }

  /** It has ended. */
  leave(device: string): void {
    this.#of(device).entered--;
    this.#entered--;
  }

  /** Whether one more line about `device` is for the log. */
  logs(device: string): boolean {
    const counted = this.#of(device);
    const now = this.#now();
    if (now - counted.loggedSince >= LOG_INTERVAL) [counted.logged, counted.loggedSince] = [0, now];
    return counted.logged++ < MAX_LOGGED;
  }

  #of(device: string): Counted {
    let counted = this.#counted.get(device);
    if (counted !== undefined) return counted;
    counted = { located: 0, entered: 0, logged: 0, loggedSince: -Infinity };
    this.#counted.set(device, counted);
    for (const [name, { entered }] of this.#counted) {
      if (this.#counted.size <= MAX_COUNTED) break;
      if (entered === 0 && name !== device) this.#counted.delete(name);
    }
    return counted;
  }
}
