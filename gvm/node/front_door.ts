import { GhostError } from "../../gmp/errors.ts";
import { SESSION_CAPS } from "../../gmp/frame.ts";
import { acceptHandshake, type Authenticated } from "../../gmp/handshake.ts";
import { TcpTransport } from "../../gmp/tcp.ts";
import { SOFTWARE } from "../../gmp/version.ts";
import { TicketBox } from "../../gmp/tickets.ts";
import { Waiting } from "../../gmp/waiting.ts";
import type { LocatedNode } from "./gpmd_link.ts";
import type { NodeIdentity } from "./peer.ts";

/** The port at which a node's peers knock (house.md, "Front door"). Only who holds a ticket that GPMD announced gets in. */
export class FrontDoor {
  /** The ephemeral loopback port. */
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #tickets = new TicketBox<NodeIdentity>();
  readonly #waiting = new Waiting();
  readonly #enter: (connection: Authenticated, expected: NodeIdentity) => void;

  /** Opens the port; `enter` is told of those who were let in, and whom their ticket was made for. */
  constructor(enter: (connection: Authenticated, expected: NodeIdentity) => void) {
    this.#enter = enter;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.port = this.#listener.addr.port;
    this.#serve();
  }

  /** The node `peer` is about to come, with its ticket. */
  expect({ name, id, ticket }: LocatedNode): Promise<void> {
    return this.#tickets.admit(ticket, { name, id });
  }

  /** Closes the port and whoever has not been let in yet. */
  close(): void {
    this.#listener.close();
    this.#waiting.close();
  }

  async #serve(): Promise<void> {
    for await (const connection of this.#listener) this.#accept(new TcpTransport(connection));
  }

  async #accept(transport: TcpTransport): Promise<void> {
    try {
      const connection = await this.#waiting.until(
        transport,
        acceptHandshake(transport, {
          role: "node",
          software: SOFTWARE,
          port: this.port,
          keyOf: (name) => this.#tickets.key(name),
          caps: SESSION_CAPS,
        }),
      );
      const expected = this.#tickets.take(connection.key);
      if (expected === undefined) return transport.abort(new GhostError("TICKET_EXPIRED"));
      this.#enter(connection, expected);
    } catch {
      // Whoever did not pass the handshake was told so, where it spoke GMP at all.
    }
  }
}
