import { Timer } from "../../../gmp/async/timer.ts";

/** Bytes of a token: an offer cannot be guessed. */
export const TOKEN_SIZE = 16;
/** Milliseconds that an offer is good, as long as the ticket that goes with it. */
const OFFER_TIME = 30_000;
/** Offers of one device that nobody has used yet; the oldest is dropped. A session takes two. */
const OFFER_LIMIT = 1024;

/** Places on this device that another device may reach once, each by its token: ports, or whatever else a `T` is. */
export class Offers<T = number> {
  readonly #time: number;
  readonly #ofDevices = new Map<string, Map<string, { readonly target: T; readonly timer: Timer }>>();

  /** Offers that are good for `time` milliseconds. */
  constructor(time: number = OFFER_TIME) {
    this.#time = time;
  }

  /** Lets `device` reach `target` once within the time, with the token that is returned. */
  make(device: string, target: T): Uint8Array {
    const token = crypto.getRandomValues(new Uint8Array(TOKEN_SIZE));
    const key = token.toHex();
    const offers = this.#ofDevices.get(device) ?? new Map();
    this.#ofDevices.set(device, offers);
    offers.set(key, { target, timer: new Timer(this.#time, () => this.#take(device, key)) });
    if (offers.size > OFFER_LIMIT) this.#take(device, offers.keys().next().value!);
    return token;
  }

  /** What `device` may reach with `token`, from now on no more; nothing for an unknown, used or late one. */
  take(device: string, token: Uint8Array): T | undefined {
    return this.#take(device, token.toHex());
  }

  /** Drops all offers of `device`. */
  drop(device: string): void {
    for (const key of this.#ofDevices.get(device)?.keys() ?? []) this.#take(device, key);
  }

  /** Drops all offers. */
  close(): void {
    for (const device of this.#ofDevices.keys()) this.drop(device);
  }

  #take(device: string, key: string): T | undefined {
    const offers = this.#ofDevices.get(device);
    const offer = offers?.get(key);
    if (offer === undefined) return undefined;
    offer.timer.cancel();
    offers!.delete(key);
    if (offers!.size === 0) this.#ofDevices.delete(device);
    return offer.target;
  }
}
