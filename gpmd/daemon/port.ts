import { LISTEN_BACKLOG } from "../../gmp/ports/accept.ts";
import { Channel, type ChannelOptions } from "../../gmp/channel/channel.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { Accepted } from "../../gmp/handshake/handshake.ts";
import { type Credential, LINK_KEY_NAME, secretCredential } from "../../gmp/handshake/keys.ts";
import { systemFault } from "../../gmp/system_fault.ts";
import { GuardedPort } from "../../gmp/ports/guarded_port.ts";
import type { PendingHandshakes } from "../../gmp/ports/pending_handshakes.ts";
import type { PortCounts } from "../../gmp/messages/gpmd.ts";

/**
 * Opens `port` on 127.0.0.1; for 0 the system chooses one.
 *
 * @throws {GhostError} `PORT_IN_USE` naming the port, also as `details.port`; `BAD_ARGUMENTS` where the user may not
 * open it.
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
  /** Whom the port is for. */
  readonly audience: "gpmd/commands" | "gpmd/nodes";
  /** The store's secret, which a client must prove that it knows. */
  readonly secret: Uint8Array;
  /** The key of this device's link, where that may connect. */
  readonly linkKey?: Uint8Array;
  /** Connections that have not proved it yet, at any port. */
  readonly waiting: PendingHandshakes;
  /** Connections that may be open at once. */
  readonly limit: number;
  /** Called for each refused connection. */
  refused(error: GhostError): void;
}

/** Whose key a connection has proved: the store's, or the link's. */
type Holder = "owner" | "link";

/** A port of the daemon. Anyone may connect; only those who know the secret, or the link's key, get a channel. */
export class DaemonPort {
  readonly #port: GuardedPort<Holder>;
  readonly #options: DaemonPortOptions;
  readonly #channels = new Set<Channel>();
  readonly #channelOptions: Record<Holder, ChannelOptions> = { owner: {}, link: {} };
  #accepted = 0;
  #refused = 0;
  /** `closing`: new connections are refused, but the port may still be open. */
  #state: "open" | "closing" = "open";

  /** Takes over `listener`; {@linkcode serve} accepts its connections. */
  constructor(listener: Deno.TcpListener, options: DaemonPortOptions) {
    this.#options = options;
    this.#port = new GuardedPort(listener, {
      audience: options.audience,
      credential: credentialsOf(options),
      enter: (connection) => this.#enter(connection),
      refused: (error) => this.#refuse(error),
      waiting: options.waiting,
    });
  }

  /** Its number. */
  get number(): number {
    return this.#port.number;
  }

  /** Begins to accept connections, which may be thousands and share these options; the link's have their own. */
  serve(owner: ChannelOptions, link: ChannelOptions = {}): void {
    this.#channelOptions.owner = this.#counted(owner);
    this.#channelOptions.link = this.#counted(link);
    this.#port.serve();
  }

  /** How many connections are open, and how many were accepted and refused so far. */
  get counts(): PortCounts {
    return {
      open: this.#channels.size,
      accepted: this.#accepted,
      refused: this.#refused,
    };
  }

  /** Refuses new connections and says goodbye on all open ones except those in `kept`. */
  async dismiss(kept: ReadonlySet<Channel> = new Set()): Promise<void> {
    this.#state = "closing";
    this.#port.shut();
    await Promise.all([...this.#channels].filter((one) => !kept.has(one)).map((one) => one.close()));
  }

  /** Closes the port; resolves when it is free. */
  async close(): Promise<void> {
    await this.#port.close();
  }

  #counted(options: ChannelOptions): ChannelOptions {
    return {
      ...options,
      ended: (channel, error) => {
        this.#channels.delete(channel);
        options.ended?.(channel, error);
      },
    };
  }

  async #enter(authenticated: Accepted<Holder>): Promise<void> {
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
    this.#channels.add(new Channel(authenticated, this.#channelOptions[authenticated.holder]));
  }

  #refuse(error: unknown): void {
    if (this.#state !== "open") return;
    this.#refused++;
    this.#options.refused(GhostError.from(error));
  }
}

function credentialsOf(
  { secret, linkKey }: Pick<DaemonPortOptions, "secret" | "linkKey">,
): (name: string) => Credential<Holder> | undefined {
  const owner = secretCredential<Holder>(secret, "owner");
  if (linkKey === undefined) return owner;
  const link: Credential<Holder> = { key: linkKey, take: () => "link" };
  return (name) => name === LINK_KEY_NAME ? link : owner(name);
}
