import { Timer } from "../../gmp/async/timer.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { Authenticated } from "../../gmp/handshake/handshake.ts";
import { newKey } from "../../gmp/handshake/keys.ts";
import { TICKET_TIME, TicketBox } from "../../gmp/handshake/tickets.ts";
import { LISTEN_BACKLOG } from "../../gmp/ports/accept.ts";
import { GuardedPort } from "../../gmp/ports/guarded_port.ts";

/** Ports for commands that wait to be dialled at once. */
const MAX_COMMAND_PORTS = 64;

/** A port that waits for a command. */
interface CommandPort {
  /** Its number. */
  readonly port: number;
  /** The ticket for it. */
  readonly ticket: Uint8Array;
}

/** Ports on 127.0.0.1 at which commands for other devices arrive: each is good for one handshake with its ticket. */
export class CommandPorts {
  readonly #waiting = new Set<GuardedPort<true>>();

  /**
   * Opens one; the connection with its ticket goes to `take`.
   *
   * @throws {GhostError} `TOO_MANY_CONNECTIONS` when too many wait; `RESOURCE_EXHAUSTED`.
   */
  async open(take: (connection: Authenticated) => void): Promise<CommandPort> {
    if (this.#waiting.size >= MAX_COMMAND_PORTS) {
      throw new GhostError(
        "TOO_MANY_CONNECTIONS",
        `Cannot open a port: ${MAX_COMMAND_PORTS} commands are about to connect`,
      );
    }
    const ticket = newKey();
    const tickets = new TicketBox<true>();
    await tickets.admit(ticket, true, { isPiped: true });
    const port = new GuardedPort<true>(listen(), {
      audience: "gpmd/commands",
      credential: (name) => tickets.credential(name),
      enter: (connection) => {
        close();
        take(connection);
      },
    });
    const close = () => {
      timer.cancel();
      this.#waiting.delete(port);
      port.shut();
      port.close();
    };
    const timer = new Timer(TICKET_TIME, close);
    this.#waiting.add(port);
    port.serve();
    return { port: port.number, ticket };
  }
}

function listen(): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: LISTEN_BACKLOG });
  } catch (error) {
    throw GhostError.from(error);
  }
}
