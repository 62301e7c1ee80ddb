import { SESSION_CAPS } from "../frames/frame.ts";
import type { Authenticated, ConnectOptions } from "../handshake/handshake.ts";
import { ticketName } from "../handshake/keys.ts";
import { dial } from "./tcp.ts";

/** Whom to dial with a ticket. */
interface TicketDialOptions extends Pick<ConnectOptions, "port" | "audience" | "signal"> {
  /** Its host name or address; this device by default. */
  readonly hostname?: string;
  /** Whether the port is the end of a pipe to another device, so that the proof says port 0. */
  readonly isPiped?: boolean;
  /** The ticket, which it made or was told of. */
  readonly ticket: Uint8Array;
}

/** Connects with a ticket, which uses it up. Throws as {@linkcode dial}. */
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
