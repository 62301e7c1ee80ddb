import { acceptConnections, LISTEN_BACKLOG } from "../../gmp/ports/accept.ts";
import { Channel, type ChannelOptions } from "../../gmp/channel/channel.ts";
import { GhostError } from "../../gmp/errors.ts";
import { SESSION_CAPS } from "../../gmp/frames/frame.ts";
import { acceptHandshake, type Authenticated, SECRET_KEY_NAME } from "../../gmp/handshake/handshake.ts";
import { systemFault } from "../../gmp/system_fault.ts";
import type { TcpTransport } from "../../gmp/ports/tcp.ts";
import { SOFTWARE } from "../../gmp/version.ts";
import type { Waiting } from "../../gmp/ports/waiting.ts";
import type { PortCounts } from "../client/replies.ts";

/**
 * Opens `port` on 127.0.0.1, 0 for one that the system chooses.
 *
 * @throws {GhostError} `PORT_IN_USE` naming the port, also as `details.port`; `BAD_ARGUMENTS` where the user may not have it.
 */
export function listen(port: number): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port, tcpBacklog: LISTEN_BACKLOG });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      const message = `Cannot listen on port ${port}: it is held by another program`;
      throw new GhostError("PORT_IN_USE", message, { details: { port }, cause: error });
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      const message = `Cannot listen on port ${port}: only an administrator may`;
      throw new GhostError("BAD_ARGUMENTS", message, { details: { port }, cause: error });
    }
    throw systemFault("BAD_ARGUMENTS", `listen on port ${port}`, error);
  }
}

/** What a {@linkcode GuardedPort} needs. */
export interface GuardedPortOptions {
  /** The store's secret, which whoever connects must prove to know. */
  readonly secret: Uint8Array;
  /** Those who have not proved it yet, at whichever port. */
  readonly waiting: Waiting;
  /** Connections that may be open at once. */
  readonly limit: number;
  /** Hears of a connection that was not let in. */
  refused(error: GhostError): void;
}

/** A port of the daemon. Everybody may knock; only who knows the secret gets a channel. */
export class GuardedPort {
  /** Its number. */
  readonly number: number;
  readonly #listener: Deno.TcpListener;
  readonly #options: GuardedPortOptions;
  readonly #waiting: Waiting;
  readonly #channels = new Set<Channel>();
  readonly #closing = new AbortController();
  #accepting: Promise<void> | undefined;
  #accepted = 0;
  #refused = 0;
  /** `closing`: nobody new is let in, but the port may still be held. */
  #state: "open" | "closing" = "open";

  /** Takes over `listener`; {@linkcode serve} lets in who knocks. */
  constructor(listener: Deno.TcpListener, options: GuardedPortOptions) {
    this.#listener = listener;
    this.number = listener.addr.port;
    this.#options = options;
    this.#waiting = options.waiting;
  }

  /** Begins to accept connections, for which `service` is made once: there may be thousands of them. */
  serve(service: ChannelOptions): void {
    const options: ChannelOptions = {
      ...service,
      ended: (channel, error) => {
        this.#channels.delete(channel);
        service.ended?.(channel, error);
      },
    };
    this.#accepting = acceptConnections(this.#listener, this.#waiting, this.#closing.signal, (transport) => {
      this.#admit(transport, options);
    });
  }

  /** What happened so far, and what is open. */
  get counts(): PortCounts {
    return {
      open: this.#channels.size,
      accepted: this.#accepted,
      refused: this.#refused,
    };
  }

  /** Lets nobody new in and says goodbye to all who are, but for those in `kept`. */
  async dismiss(kept: ReadonlySet<Channel> = new Set()): Promise<void> {
    this.#state = "closing";
    await Promise.all([...this.#channels].filter((one) => !kept.has(one)).map((one) => one.close()));
  }

  /** Gives the port back; resolves when it is free. */
  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#listener.close();
    this.#closing.abort();
    await this.#accepting; // an `accept` under way holds the port
  }

  async #admit(transport: TcpTransport, service: ChannelOptions): Promise<void> {
    if (this.#state !== "open") return transport.close();
    try {
      const authenticated = await this.#waiting.until(
        transport,
        acceptHandshake(transport, {
          role: "gpmd",
          software: SOFTWARE,
          port: this.number,
          keyOf: (name) => name === SECRET_KEY_NAME ? this.#options.secret : undefined,
          caps: SESSION_CAPS,
        }),
      );
      await this.#enter(authenticated, service);
    } catch (error) {
      this.#refuse(error);
    }
  }

  async #enter(authenticated: Authenticated, service: ChannelOptions): Promise<void> {
    const { limit } = this.#options;
    const refusal = this.#state !== "open"
      ? new GhostError("CONNECTION_LOST", "Cannot connect: GPMD is stopping")
      : this.#channels.size >= limit
      ? new GhostError("TOO_MANY_CONNECTIONS", `Cannot connect: ${limit} connections are open`)
      : undefined;
    if (refusal !== undefined) {
      await new Channel(authenticated).close(refusal);
      throw refusal;
    }
    this.#accepted++;
    this.#channels.add(new Channel(authenticated, service));
  }

  #refuse(error: unknown): void {
    if (this.#state !== "open") return;
    this.#refused++;
    this.#options.refused(GhostError.from(error));
  }
}
