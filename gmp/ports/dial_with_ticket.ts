import { SESSION_CAPS } from "../frames/frame.ts";
import type { Authenticated, ConnectOptions } from "../handshake/handshake.ts";
import { ticketName } from "../handshake/keys.ts";
import { dial } from "./tcp.ts";

/** Whom to dial with a ticket, and who that must be. */
interface TicketDialOptions extends Pick<ConnectOptions, "port" | "audience" | "signal"> {
  /** Where it is; this device by default. */
  readonly hostname?: string;
  /** The ticket that it made, or that was made for it. */
  readonly ticket: Uint8Array;
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
