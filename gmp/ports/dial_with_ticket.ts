import { SESSION_CAPS } from "../frames/frame.ts";
import type { Authenticated } from "../handshake/handshake.ts";
import { ticketName } from "../handshake/keys.ts";
import { dial } from "./tcp.ts";

/** Whom to dial with a ticket, and who that must be. */
export interface TicketDialOptions {
  /** Where it is; this device by default. */
  readonly hostname?: string;
  /** Its port. */
  readonly port: number;
  /** The ticket that it made, or that was made for it. */
  readonly ticket: Uint8Array;
  /** What it must be. */
  readonly role: "node" | "executor";
  /** Gives it up. */
  readonly signal?: AbortSignal;
}

/** Connects with a ticket, which is used up by that. Throws as {@linkcode dial}. */
export async function dialWithTicket(options: TicketDialOptions): Promise<Authenticated> {
  const { hostname = "127.0.0.1", ticket, ...rest } = options;
  return await dial({
    ...rest,
    hostname,
    keyName: await ticketName(ticket),
    key: ticket,
    caps: SESSION_CAPS,
  });
}
