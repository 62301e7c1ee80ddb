import { LISTEN_BACKLOG } from "../../gmp/ports/accept.ts";
import type { Authenticated } from "../../gmp/handshake/handshake.ts";
import type { PeerIdentity } from "../../gmp/handshake/identity.ts";
import { systemFault } from "../../gmp/system_fault.ts";
import { GuardedPort } from "../../gmp/ports/guarded_port.ts";
import { TicketBox } from "../../gmp/handshake/tickets.ts";
import type { ExpectedNode } from "../../gmp/messages/gpmd.ts";

/**
 * The port that a node's peers dial (docs/protocol.md, "At a node's front door"). Only a ticket that GPMD
 * announced is accepted.
 */
export class FrontDoor {
  readonly #port: GuardedPort<PeerIdentity>;
  readonly #tickets = new TicketBox<PeerIdentity>();

  /**
   * Opens the port of node `id`; `enter` gets each authenticated connection, and the node that its ticket was
   * made for.
   *
   * @throws {GhostError}
   */
  constructor(id: string, enter: (connection: Authenticated, expected: PeerIdentity) => void) {
    this.#port = new GuardedPort(listen(), {
      audience: `node/${id}`,
      credential: (name) => this.#tickets.credential(name),
      enter: (connection) => enter(connection, connection.holder),
    });
    this.#port.serve();
  }

  /** The ephemeral loopback port. */
  get port(): number {
    return this.#port.number;
  }

  /** A node is about to connect with this ticket, which is good from now on. */
  expect({ name, id, device, ticket }: ExpectedNode): void {
    this.#tickets.admit(ticket, { name, id, device }, { isPiped: device !== undefined });
  }

  /** Closes the port and the connections still in their handshake; resolves when the port is free. */
  async close(): Promise<void> {
    const closed = this.#port.close();
    this.#port.dismiss();
    await closed;
  }
}

function listen(): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: LISTEN_BACKLOG });
  } catch (error) {
    throw systemFault("BAD_ARGUMENTS", "listen for other nodes", error);
  }
}
