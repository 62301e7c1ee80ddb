import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { Timer } from "../../../gmp/async/timer.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { TOKEN_BYTES } from "../../../gmp/device/invitation_code.ts";

/** Invitations that are remembered, open ones and others, so that a late joiner can be told why. */
const MAX_INVITATIONS = 64;
/** Wrong proofs that end all open invitations for the address from which they come: the code of nobody else ends with them. */
const MAX_WRONG_TRIES = 3;
/** Wrong proofs, from wherever, that end all open invitations for everybody. */
const MAX_WRONG_TRIES_OF_ALL = 1000;

/** One invitation, good for one device. */
export interface Invitation {
  /** What the joining device proves that it knows. */
  readonly token: Uint8Array;
  /** When it ends. */
  readonly expiresAt: Date;
}

interface Remembered extends Invitation {
  state: "open" | "used" | "late" | "ended";
  /** The key of the device that has proved the token, while it is being paired and afterwards. */
  peer: string | undefined;
  /** Wrong tries since it was opened, by address. */
  readonly tries: Map<string, number>;
  triesOfAll: number;
  timer: Timer;
}

/** The invitations of this device; they are in memory only. */
export class Invitations {
  readonly #known = new Set<Remembered>();
  readonly #closed: () => void;

  /** Calls `closed` whenever none is open any more, for everybody or for an address. */
  constructor(closed: () => void) {
    this.#closed = closed;
  }

  /** True while a device may join. */
  get isOpen(): boolean {
    return [...this.#known].some(({ state }) => state === "open");
  }

  /** True while a device at `address` may join. */
  admits(address: string): boolean {
    return [...this.#known].some((one) => one.state === "open" && !isOverFor(one, address));
  }

  /** Makes one for `lifetime` milliseconds. @throws {GhostError} `TOO_MANY_REQUESTS` when as many are open. */
  open(lifetime: number): Invitation {
    for (const old of this.#known) {
      if (this.#known.size < MAX_INVITATIONS) break;
      if (old.state !== "open") this.#known.delete(old);
    }
    if (this.#known.size >= MAX_INVITATIONS) {
      throw new GhostError("TOO_MANY_REQUESTS", `Cannot invite: ${MAX_INVITATIONS} invitations are open`);
    }
    const invitation: Remembered = {
      token: crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)),
      expiresAt: new Date(Date.now() + lifetime),
      state: "open",
      peer: undefined,
      tries: new Map(),
      triesOfAll: 0,
      timer: new Timer(lifetime, () => this.#end(invitation, "late")),
    };
    this.#known.add(invitation);
    return invitation;
  }

  /**
   * The invitation whose token `peer`, which is at `address`, has proved with `mac`: from now on it is that device's. `proofOf` computes what
   * the proof for a token would be.
   *
   * @throws {GhostError} `PAIRING_FAILED` when it was used, is another device's, has ended, or none has that token, which
   * counts as a wrong try.
   */
  async prove(
    peer: string,
    address: string,
    mac: Uint8Array,
    proofOf: (token: Uint8Array) => Promise<Uint8Array>,
  ): Promise<Invitation> {
    let found: Remembered | undefined;
    // All of them, so that the time tells nothing.
    for (const invitation of [...this.#known]) {
      if (timingSafeEqual(await proofOf(invitation.token), mac)) found = invitation;
    }
    if (found === undefined) {
      this.#countWrong(address);
      throw refused("it is not the code of an open invitation");
    }
    if (found.peer !== undefined && found.peer !== peer) throw refused("the code was used by another device");
    // Also by the same device: it may have been removed since.
    if (found.state === "used") throw refused("the code was used already");
    if (found.state === "late") throw refused("the code is too old");
    if (found.state === "ended" || isOverFor(found, address)) {
      throw refused("the invitation ended after wrong tries");
    }
    found.peer = peer;
    return found;
  }

  /** The device that has proved `invitation` is paired: it is used. */
  use(invitation: Invitation): void {
    this.#end(invitation as Remembered, "used");
  }

  /** The device that has proved `invitation` was not paired: another may try. */
  release(invitation: Invitation): void {
    const known = invitation as Remembered;
    if (known.state === "open") known.peer = undefined;
  }

  /** Nobody has been told of `invitation`. */
  withdraw(invitation: Invitation): void {
    this.#known.delete(invitation as Remembered);
    (invitation as Remembered).timer.cancel();
  }

  /** Ends all of them. */
  end(): void {
    for (const invitation of this.#known) {
      invitation.timer.cancel();
      if (invitation.state === "open") invitation.state = "ended";
    }
  }

  #countWrong(address: string): void {
    for (const invitation of this.#known) {
      if (invitation.state !== "open") continue;
      const { tries } = invitation;
      tries.set(address, (tries.get(address) ?? 0) + 1);
      if (++invitation.triesOfAll >= MAX_WRONG_TRIES_OF_ALL) this.#end(invitation, "ended");
    }
    if (!this.admits(address)) this.#closed();
  }

  #end(invitation: Remembered, state: "used" | "late" | "ended"): void {
    if (invitation.state !== "open") return;
    invitation.state = state;
    invitation.timer.cancel();
    if (!this.isOpen) this.#closed();
  }
}

function isOverFor({ tries }: Remembered, address: string): boolean {
  return (tries.get(address) ?? 0) >= MAX_WRONG_TRIES;
}

function refused(reason: string): GhostError {
  return new GhostError(
    "PAIRING_FAILED",
    `Cannot pair: ${reason}; make a new one on the other device with: gpmd device invite`,
  );
}
