/**
 * A node that lies: registered at a real GPMD, it connects to a node as any other, and what it gives for its executor is a
 * port of its own, at which it answers as the test says.
 */
import type { Body } from "../../gmp/frames/body.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import type { Frame } from "../../gmp/frames/decoder.ts";
import { SESSION_CAPS } from "../../gmp/frames/frame.ts";
import { acceptHandshake } from "../../gmp/handshake/handshake.ts";
import { newKey, ticketName } from "../../gmp/handshake/keys.ts";
import { dialWithTicket } from "../../gmp/ports/dial_with_ticket.ts";
import type { RequestHandlers } from "../../gmp/channel/incoming.ts";
import { TcpTransport } from "../../gmp/ports/tcp.ts";
import type { SessionPlace } from "../../gvm/executors/executor_pool.ts";
import { connectNode } from "../gpmd/_node.ts";
import type { TestDaemon } from "../tools/daemon_process.ts";

/** How the executor answers. */
export interface EvilExecutor {
  /** Its operations. */
  readonly handlers?: RequestHandlers;
  /** What it does with a CALL. */
  readonly call?: (frame: Frame, channel: Channel) => void;
  /** What it does with a connection; it serves it by default. */
  readonly enter?: (channel: Channel) => void;
  /** What it says of a new place, beside port and ticket. */
  readonly restarted?: boolean;
}

/** See the head of this file. */
export class EvilPeer implements AsyncDisposable {
  /** Connections that its executor accepted. */
  accepted = 0;
  /** The notices that came by the control connection. */
  readonly notices: Body[] = [];
  readonly #executor: EvilExecutor;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #tickets = new Map<string, Uint8Array>();
  readonly #channels = new Set<Channel>();
  readonly #gpmd: AsyncDisposable;
  #serving: Promise<void>;
  /** The control connection. */
  control!: Channel;

  private constructor(executor: EvilExecutor, gpmd: AsyncDisposable) {
    this.#executor = executor;
    this.#gpmd = gpmd;
    this.#serving = this.#serve();
  }

  /** Its executor's id. */
  readonly id = crypto.randomUUID();

  /** Its executor's port. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Registers as `name` and connects to `victim`. */
  static async connect(
    daemon: TestDaemon,
    name: string,
    victim: string,
    executor: EvilExecutor,
  ): Promise<EvilPeer> {
    const gpmd = await connectNode(daemon);
    const peer = new EvilPeer(executor, gpmd);
    const id = crypto.randomUUID();
    await gpmd.channel.request("node.register", { name, id, port: peer.port });
    const { id: audience, port, ticket } = await gpmd.channel.request("node.locate", { name: victim });
    const connection = await dialWithTicket({
      port: port as number,
      ticket: ticket as Uint8Array,
      audience: `node/${audience}`,
    });
    peer.control = new Channel(connection, {
      handlers: {
        "executor.open": async () => ({ ...await peer.place(), restarted: executor.restarted ?? false }),
        "call.cancel": () => ({}),
      },
      notice: (_, body) => peer.notices.push(body),
    });
    peer.#channels.add(peer.control);
    await peer.control.request("peer.connect", { name, id, place: await peer.place() });
    return peer;
  }

  /** A place at its executor. */
  async place(): Promise<SessionPlace> {
    const ticket = newKey();
    this.#tickets.set(await ticketName(ticket), ticket);
    return { executor: this.id, address: { loopback: this.port }, ticket };
  }

  async #serve(): Promise<void> {
    for await (const connection of this.#listener) {
      this.accepted++;
      this.#enter(new TcpTransport(connection)).catch(() => {});
    }
  }

  async #enter(transport: TcpTransport): Promise<void> {
    const { handlers = {}, call, enter } = this.#executor;
    const authenticated = await acceptHandshake(transport, {
      audience: `executor/${this.id}`,
      software: "evil",
      port: this.port,
      credential: (name) => {
        const key = this.#tickets.get(name);
        return key && { key, take: () => true };
      },
      caps: SESSION_CAPS,
    });
    const channel = new Channel(authenticated, { handlers, ...(call === undefined ? {} : { call }) });
    this.#channels.add(channel);
    enter?.(channel);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#serving.catch(() => {});
    await Promise.all([...this.#channels].map((channel) => channel.close()));
    await this.#gpmd[Symbol.asyncDispose]();
  }
}

/** The answer to `function.resolve` for `f(i32) -> i32`, or what `change` makes of it. */
export function resolved(change: Body = {}): Body {
  const hash = "0".repeat(64);
  return {
    handle: 0,
    module: "math",
    version: "v0.0.1",
    hash,
    parameters: ["i32"],
    results: ["i32"],
    ...change,
  };
}
