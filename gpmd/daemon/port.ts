import { LISTEN_BACKLOG } from "../../gmp/ports/accept.ts";
import { Channel, type ChannelOptions } from "../../gmp/channel/channel.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { Authenticated } from "../../gmp/handshake/handshake.ts";
import { secretCredential } from "../../gmp/handshake/keys.ts";
import { systemFault } from "../../gmp/system_fault.ts";
import { GuardedPort } from "../../gmp/ports/guarded_port.ts";
import type { Waiting } from "../../gmp/ports/waiting.ts";
import type { PortCounts } from "../../gmp/messages/gpmd.ts";

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

/** What a {@linkcode DaemonPort} needs. */
interface DaemonPortOptions {
  /** For whom the port is. */
  readonly audience: "gpmd/commands" | "gpmd/nodes";
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
export class DaemonPort {
  readonly #port: GuardedPort<true>;
  readonly #options: DaemonPortOptions;
  readonly #channels = new Set<Channel>();
  #service: ChannelOptions = {};
  #accepted = 0;
  #refused = 0;
  /** `closing`: nobody new is let in, but the port may still be held. */
  #state: "open" | "closing" = "open";

  /** Takes over `listener`; {@linkcode serve} lets in who knocks. */
  constructor(listener: Deno.TcpListener, options: DaemonPortOptions) {
    this.#options = options;
    this.#port = new GuardedPort(listener, {
      audience: options.audience,
      credential: secretCredential(options.secret, true),
      enter: (connection) => this.#enter(connection),
      refused: (error) => this.#refuse(error),
      waiting: options.waiting,
    });
  }

  /** Its number. */
  get number(): number {
    return this.#port.number;
  }

  /** Begins to accept connections, for which `service` is made once: there may be thousands of them. */
  serve(service: ChannelOptions): void {
    this.#service = {
      ...service,
      ended: (channel, error) => {
        this.#channels.delete(channel);
        service.ended?.(channel, error);
      },
    };
    this.#port.serve();
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
    this.#port.shut();
    await Promise.all([...this.#channels].filter((one) => !kept.has(one)).map((one) => one.close()));
  }

  /** Gives the port back; resolves when it is free. */
  async close(): Promise<void> {
    await this.#port.close();
  }

  async #enter(authenticated: Authenticated): Promise<void> {
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
    this.#channels.add(new Channel(authenticated, this.#service));
  }

  #refuse(error: unknown): void {
    if (this.#state !== "open") return;
    this.#refused++;
    this.#options.refused(GhostError.from(error));
  }
}
