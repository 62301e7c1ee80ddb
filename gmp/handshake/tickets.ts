import { type Credential, KEY_BYTES, ticketName } from "./keys.ts";

/** A ticket is good for 30 seconds (docs/protocol.md, "Who serves what"), in milliseconds. */
export const TICKET_TIME = 30_000;
/** Open tickets at most. */
const TICKET_LIMIT = 16_384;

/** What a ticket is for. */
interface TicketUse {
  /** See {@linkcode Credential.isPiped}. */
  readonly isPiped?: boolean;
}

interface Open<T> {
  key: Uint8Array;
  isPiped: boolean;
  value: T;
  expires: number;
}

/** Open tickets, issued and not used yet, each with what it stands for. A ticket is good once. */
export class TicketBox<T> {
  readonly #open = new Map<string, Open<T>>();
  /** Tickets whose names are being hashed, which under load takes longer than a handshake. */
  readonly #admitting = new Set<Promise<void>>();

  /** A box whose tickets live for `time` milliseconds by `now`, a monotonic clock. */
  constructor(readonly time: number = TICKET_TIME, readonly now: () => number = () => performance.now()) {}

  /** How many tickets are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Admits `ticket`, which stands for `value`; drops the oldest when there are too many. */
  admit(ticket: Uint8Array, value: T, { isPiped = false }: TicketUse = {}): Promise<void> {
    const admission = this.#admit(ticket, value, isPiped).finally(() => this.#admitting.delete(admission));
    this.#admitting.add(admission);
    return admission;
  }

  /** The ticket of that name while it is good, even if it is still being admitted; for `AcceptOptions.credential`. */
  async credential(name: string): Promise<Credential<T> | undefined> {
    if (!this.#open.has(name)) await Promise.allSettled(this.#admitting);
    const found = this.#find(name);
    return found && { key: found.key, isPiped: found.isPiped, take: () => this.#take(name) };
  }

  #take(name: string): T | undefined {
    const found = this.#find(name);
    this.#open.delete(name);
    return found?.value;
  }

  #find(name: string): Open<T> | undefined {
    const found = this.#open.get(name);
    return found !== undefined && found.expires >= this.now() ? found : undefined;
  }

  async #admit(ticket: Uint8Array, value: T, isPiped: boolean): Promise<void> {
    if (ticket.length !== KEY_BYTES) throw new TypeError(`A ticket has ${KEY_BYTES} bytes`);
    const expires = this.now() + this.time;
    const name = await ticketName(ticket);
    this.#sweep();
    this.#open.set(name, { key: ticket.slice(), isPiped, value, expires });
  }

  #sweep(): void {
    const now = this.now();
    // Tickets expire in the order in which they were admitted.
    for (const [name, { expires }] of this.#open) {
      if (expires >= now && this.#open.size < TICKET_LIMIT) break;
      this.#open.delete(name);
    }
  }
}
