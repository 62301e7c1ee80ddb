import { acceptConnections, LISTEN_BACKLOG } from "../../gmp/ports/accept.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import { GhostError } from "../../gmp/errors.ts";
import { SESSION_CAPS } from "../../gmp/frames/frame.ts";
import { acceptHandshake, type Authenticated } from "../../gmp/handshake/handshake.ts";
import { systemFault } from "../../gmp/system_fault.ts";
import type { TcpTransport } from "../../gmp/ports/tcp.ts";
import { SOFTWARE } from "../../gmp/version.ts";
import { TicketBox } from "../../gmp/handshake/tickets.ts";
import { Waiting } from "../../gmp/ports/waiting.ts";
import type { LocatedNode } from "../gpmd/gpmd_link.ts";
import type { NodeIdentity } from "./introduction.ts";

/**
 * The port at which a node's peers knock (docs/protocol.md, "At a node's front door"). Only who holds a ticket that
 * GPMD announced gets in.
 */
export class FrontDoor {
  /** The ephemeral loopback port. */
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #tickets = new TicketBox<NodeIdentity>();
  /** Tickets that are being admitted: a peer that is quick may be here before they are. */
  #admitting: Promise<unknown> = Promise.resolve();
  readonly #waiting = new Waiting();
  readonly #enter: (connection: Authenticated, expected: NodeIdentity) => void;
  readonly #closing = new AbortController();
  readonly #serving: Promise<void>;

  /** Opens the port; `enter` is told of those who were let in, and whom their ticket was made for. @throws {GhostError} */
  constructor(enter: (connection: Authenticated, expected: NodeIdentity) => void) {
    this.#enter = enter;
    this.#listener = listen();
    this.port = this.#listener.addr.port;
    const { signal } = this.#closing;
    this.#serving = acceptConnections(this.#listener, this.#waiting, signal, (transport) => {
      this.#accept(transport);
    });
  }

  /** The node `peer` is about to come, with its ticket, which is good from now on. */
  expect({ name, id, ticket }: LocatedNode): void {
    this.#admitting = Promise.all([this.#admitting, this.#tickets.admit(ticket, { name, id })]);
  }

  /** Closes the port, and whoever has not been let in yet; resolves when it is free. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#listener.close();
    this.#waiting.close();
    await this.#serving;
  }

  async #accept(transport: TcpTransport): Promise<void> {
    try {
      const connection = await this.#waiting.until(
        transport,
        acceptHandshake(transport, {
          role: "node",
          software: SOFTWARE,
          port: this.port,
          keyOf: async (name) => {
            await this.#admitting;
            return this.#tickets.key(name);
          },
          caps: SESSION_CAPS,
        }),
      );
      const expected = this.#tickets.take(connection.key);
      // It was good when the handshake began.
      if (expected === undefined) {
        return await new Channel(connection).close(new GhostError("TICKET_EXPIRED"));
      }
      this.#enter(connection, expected);
    } catch {
      // Whoever did not pass the handshake was told so, where it spoke GMP at all.
    }
  }
}

function listen(): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: LISTEN_BACKLOG });
  } catch (error) {
    throw systemFault("BAD_ARGUMENTS", "listen for other nodes", error);
  }
}
