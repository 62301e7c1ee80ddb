import { GhostError } from "../../gmp/errors.ts";

/** Invitations that may be open at once: each is for one person to join with. */
const MAX_INVITATIONS = 64;

interface Invitation {
  readonly grants: readonly string[] | undefined;
  /** By the daemon's clock. */
  readonly expires: number;
}

/**
 * The invitations that this device's commands have made, with what they grant. The link says who has joined by which one,
 * so a link that is taken over cannot pair a device that nobody has invited, nor grant it more.
 */
export class Invitations {
  readonly #open = new Map<string, Invitation>();

  /** None; `now` is a monotonic clock, in milliseconds. */
  constructor(readonly now: () => number = () => performance.now()) {}

  /** @throws {GhostError} `TOO_MANY_REQUESTS` when {@linkcode MAX_INVITATIONS} are open. */
  checkRoom(): void {
    for (const [code, { expires }] of this.#open) if (expires < this.now()) this.#open.delete(code);
    if (this.#open.size < MAX_INVITATIONS) return;
    const message = `Cannot invite: ${MAX_INVITATIONS} invitations are open`;
    throw new GhostError("TOO_MANY_REQUESTS", message);
  }

  /** Adds one by its code, good for `lifetime` milliseconds. */
  add(code: string, lifetime: number, grants: readonly string[] | undefined): void {
    this.#open.set(code, { grants, expires: this.now() + lifetime });
  }

  /**
   * Uses the one with `code` up for the device that `pair` gives what it grants; if that fails, it is open again.
   *
   * @throws {GhostError} `PAIRING_FAILED` when there is none, or no longer; what `pair` throws.
   */
  async use(code: string, pair: (grants: readonly string[] | undefined) => Promise<unknown>): Promise<void> {
    const invitation = this.#open.get(code);
    this.#open.delete(code);
    if (invitation === undefined || invitation.expires < this.now()) {
      throw new GhostError("PAIRING_FAILED", "Cannot pair: this code was used already, or is too old");
    }
    try {
      await pair(invitation.grants);
    } catch (error) {
      this.#open.set(code, invitation);
      throw error;
    }
  }
}
