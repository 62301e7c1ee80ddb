import { GhostError } from "../../gmp/errors.ts";

/** Invitations that may be open at once: each is for one person to join with. Used ones are remembered in what room is left. */
const MAX_INVITATIONS = 64;

interface Invitation {
  readonly grants: readonly string[] | undefined;
  /** By the daemon's clock. */
  readonly expires: number;
  /** The device that is paired by it, and what that did. */
  used?: { readonly by: string; readonly paired: Promise<unknown> };
}

/**
 * The invitations that this device's commands have made, with what they grant. The link says who has joined by which one,
 * so a link that is taken over cannot pair a device that nobody has invited, nor grant it more.
 */
export class Invitations {
  /** By code, with those that were used and may be asked for again. */
  readonly #known = new Map<string, Invitation>();

  /** None; `now` is a monotonic clock, in milliseconds. */
  constructor(readonly now: () => number = () => performance.now()) {}

  /** @throws {GhostError} `TOO_MANY_REQUESTS` when {@linkcode MAX_INVITATIONS} are open. */
  checkRoom(): void {
    const known = [...this.#known];
    for (const [code, { expires }] of known) if (expires < this.now()) this.#known.delete(code);
    const open = known.filter(([code, { used }]) => used === undefined && this.#known.has(code));
    if (open.length >= MAX_INVITATIONS) {
      throw new GhostError("TOO_MANY_REQUESTS", `Cannot invite: ${MAX_INVITATIONS} invitations are open`);
    }
    for (const code of this.#known.keys()) {
      if (this.#known.size < MAX_INVITATIONS) return;
      if (this.#known.get(code)!.used !== undefined) this.#known.delete(code);
    }
  }

  /** Adds one by its code, good for `lifetime` milliseconds. */
  add(code: string, lifetime: number, grants: readonly string[] | undefined): void {
    this.#known.set(code, { grants, expires: this.now() + lifetime });
  }

  /**
   * Uses the one with `code` up for `device`, which `pair` gives what it grants; if that fails, it is as it was. A device that
   * asks once more has not heard the answer: it is paired, and nothing is done again, since its grants may be others by now.
   *
   * @throws {GhostError} `PAIRING_FAILED` when there is none, no longer, or only for another device; what `pair` throws.
   */
  async use(
    code: string,
    device: string,
    pair: (grants: readonly string[] | undefined) => Promise<unknown>,
  ): Promise<void> {
    const invitation = this.#known.get(code);
    const isOver = invitation === undefined || invitation.expires < this.now();
    if (isOver || (invitation.used?.by ?? device) !== device) {
      throw new GhostError("PAIRING_FAILED", "Cannot pair: this code was used already, or is too old");
    }
    invitation.used ??= { by: device, paired: pair(invitation.grants) };
    try {
      await invitation.used.paired;
    } catch (error) {
      delete invitation.used;
      throw error;
    }
  }

  /** `device` is to be removed: it is not paired again by what it has used. */
  forget(device: string): void {
    for (const [code, { used }] of this.#known) if (used?.by === device) this.#known.delete(code);
  }
}
