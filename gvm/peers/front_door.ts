import { LISTEN_BACKLOG } from "../../gmp/ports/accept.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { Authenticated } from "../../gmp/handshake/handshake.ts";
import { systemFault } from "../../gmp/system_fault.ts";
import { GuardedPort } from "../../gmp/ports/guarded_port.ts";
import { TicketBox } from "../../gmp/handshake/tickets.ts";
import type { LocatedNode } from "../gpmd/gpmd_link.ts";
import type { NodeIdentity } from "./introduction.ts";

/**
 * The port at which a node's peers knock (docs/protocol.md, "At a node's front door"). Only who holds a ticket that
 * GPMD announced gets in.
 */
export class FrontDoor {
  readonly #port: GuardedPort;
  readonly #tickets = new TicketBox<NodeIdentity>();
  readonly #enter: (connection: Authenticated, expected: NodeIdentity) => void;

  /** Opens the port; `enter` is told of those who were let in, and whom their ticket was made for. @throws {GhostError} */
  constructor(enter: (connection: Authenticated, expected: NodeIdentity) => void) {
    this.#enter = enter;
    this.#port = new GuardedPort(listen(), {
      role: "node",
      keyOf: (name) => this.#tickets.key(name),
      enter: (connection) => this.#admit(connection),
    });
    this.#port.serve();
  }

  /** The ephemeral loopback port. */
  get port(): number {
    return this.#port.number;
  }

  /** The node `peer` is about to come, with its ticket, which is good from now on. */
  expect({ name, id, ticket }: LocatedNode): void {
    this.#tickets.admit(ticket, { name, id });
  }

  /** Closes the port, and whoever has not been let in yet; resolves when it is free. */
  async close(): Promise<void> {
    const closed = this.#port.close();
    this.#port.dismiss();
    await closed;
  }

  async #admit(connection: Authenticated): Promise<void> {
    const expected = this.#tickets.take(connection.key);
    // It was good when the handshake began.
    if (expected === undefined) return await new Channel(connection).close(new GhostError("TICKET_EXPIRED"));
    this.#enter(connection, expected);
  }
}

function listen(): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: LISTEN_BACKLOG });
  } catch (error) {
    throw systemFault("BAD_ARGUMENTS", "listen for other nodes", error);
  }
}
