import { Channel } from "../../gmp/channel/channel.ts";
import { answering, type AskOptions, hearing, notify, request } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { isSilence } from "../../gmp/handshake/handshake.ts";
import type { ReceivedReply, Request } from "../../gmp/messages/messages.ts";
import type { Grant } from "../../gmp/messages/grants.ts";
import type { ExpectedNode, LocatedNode, NodeDescription } from "../../gmp/messages/gpmd.ts";
import type { OperationName } from "../../gmp/messages/operations.ts";
import type { NodeAddress } from "../../gmp/names.ts";
import { isOwn } from "../../gmp/own_error.ts";
import { reachGpmd } from "../../gmp/ports/reach_gpmd.ts";
import { pause } from "../../gmp/async/pause.ts";

/** Milliseconds that GPMD may take to answer; it takes one, or is gone. */
const ANSWER_TIME = 10_000;
/** First and longest wait between attempts to reach GPMD again, in milliseconds. */
const FIRST_RETRY = 25;
const LONGEST_RETRY = 1000;
/** Refusals in a row before they are reported: the broken connection may hold the name for a moment. */
const REFUSALS = 4;

/** What a connection needs, and whom it tells. */
interface GpmdConnectionOptions {
  /** Port 5989, or the one from the settings. */
  readonly port: number;
  /** The secret of the store. */
  readonly secret: Uint8Array;
  /** The registration, sent again whenever GPMD comes back. */
  readonly node: Readonly<NodeDescription>;
  /** A node is about to connect. Nobody awaits this: the ticket must be good when it returns. */
  expect(peer: ExpectedNode): void;
  /**
   * GPMD went away, is back and knows the node again, or is back and refuses it with `error`; the connection then
   * keeps trying.
   */
  state(state: "lost" | "back" | "refused", error?: GhostError): void;
  /** GPMD's modules have changed. */
  modulesChanged(): void;
  /** Other devices, or the nodes there, have changed: one that could not be reached may be back. */
  devicesChanged(): void;
  /** What others may do here from now on; resolves when that holds at their next call. */
  granted(grants: readonly Grant[]): Promise<void>;
}

/**
 * A node's connection to its GPMD (docs/protocol.md, "At GPMD: port 5989, for nodes"), which reconnects when
 * it breaks.
 */
export class GpmdConnection {
  readonly #options: GpmdConnectionOptions;
  readonly #ended = new AbortController();
  #channel: Channel | undefined;
  /** Why the last attempt to reach GPMD again failed, unless GPMD was simply away. */
  #refusal: GhostError | undefined;
  #connections = 0;

  private constructor(options: GpmdConnectionOptions) {
    this.#options = options;
  }

  /**
   * Connects and registers the node.
   *
   * @throws {GhostError} `GPMD_NOT_RUNNING`; `UNAUTHENTICATED` when something else holds the port, or the
   * secret differs; `CONNECTION_LOST` when it does not answer; `NAME_TAKEN`, `CANCELLED` when `signal`
   * aborts.
   */
  static async open(options: GpmdConnectionOptions, signal?: AbortSignal): Promise<GpmdConnection> {
    const gpmd = new GpmdConnection(options);
    await gpmd.#connect(signal ?? gpmd.#ended.signal);
    return gpmd;
  }

  /** Names of the nodes that can be connected to, this one included. */
  async discover(options?: AskOptions<"node.discover">): Promise<string[]> {
    return (await this.request("node.discover", {}, options)).names;
  }

  /** The modules of this device. */
  async modules(options?: AskOptions<"module.list">): Promise<ReceivedReply<"module.list">["modules"]> {
    return (await this.request("module.list", {}, options)).modules;
  }

  /**
   * Where that node is, and a ticket for it; for a node of another device, the port of a pipe to it.
   *
   * @throws {GhostError} `NODE_NOT_FOUND`; also `LINK_NOT_RUNNING`, `DEVICE_NOT_FOUND`, `DEVICE_UNREACHABLE`.
   */
  async locate(address: NodeAddress, options?: AskOptions<"node.locate">): Promise<LocatedNode> {
    return await this.request("node.locate", address, options);
  }

  /** See `Pipes.offer`. */
  async offer(device: string, port: number): Promise<Uint8Array> {
    return (await this.request("place.offer", { device, port })).pipe;
  }

  /** See `Pipes.open`. */
  async open(device: string, pipe: Uint8Array): Promise<number> {
    return (await this.request("place.open", { device, pipe })).port;
  }

  /**
   * Asks GPMD.
   *
   * @throws {GhostError} `GPMD_NOT_RUNNING` while it is away, or when it goes before it has answered; while it refuses the node,
   * the reason, such as `NAME_TAKEN`; `CANCELLED` when the node leaves; or its own answer.
   */
  async request<Name extends OperationName>(
    name: Name,
    fields: Request<Name>,
    options?: AskOptions<Name>,
  ): Promise<ReceivedReply<Name>> {
    const channel = this.#channel;
    if (this.#ended.signal.aborted) throw left();
    if (channel === undefined || !channel.open) throw this.#refusal ?? new GhostError("GPMD_NOT_RUNNING");
    try {
      return await request(channel, name, fields, { timeout: ANSWER_TIME, ...options });
    } catch (error) {
      if (!isOwn(error, channel.failure)) throw error;
      if (this.#ended.signal.aborted) throw left();
      // CONNECTION_LOST would be about whoever the node itself is asked by or asks.
      const message = "GPMD ended before it answered; start it with: gpmd start";
      throw new GhostError("GPMD_NOT_RUNNING", message, { cause: error });
    }
  }

  /** Tells GPMD, now and after each new registration, how many nodes this one is connected to. */
  peersChanged(count: number): void {
    if (count === this.#connections) return;
    this.#connections = count;
    if (this.#channel !== undefined) notify(this.#channel, "peers.changed", { count });
  }

  /** Ends the connection and with it the registration: afterwards the name is free. */
  async close(): Promise<void> {
    this.#ended.abort();
    await this.#channel?.leave();
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const { port, secret, node } = this.#options;
    const channel = new Channel(await reachGpmd({ audience: "gpmd/nodes", port }, secret, signal), {
      handlers: answering({
        "grants.apply": async ({ grants }) => {
          await this.#options.granted(grants);
          return {};
        },
      }),
      notice: hearing({
        "peer.expected": (peer) => this.#options.expect(peer),
        "modules.changed": () => this.#options.modulesChanged(),
        "devices.changed": () => this.#options.devicesChanged(),
      }),
    });
    try {
      const { grants } = await request(channel, "node.register", node, { timeout: ANSWER_TIME, signal });
      this.#options.granted(grants);
    } catch (error) {
      await channel.close();
      throw error;
    }
    this.#channel = channel;
    if (this.#connections > 0) notify(channel, "peers.changed", { count: this.#connections });
    channel.closed.then(() => this.#lost());
  }

  async #lost(): Promise<void> {
    this.#channel = undefined;
    if (this.#ended.signal.aborted) return;
    this.#options.state("lost");
    for (let wait = FIRST_RETRY, refusals = 0;; wait = Math.min(wait * 2, LONGEST_RETRY)) {
      await pause(wait, this.#ended.signal);
      if (this.#ended.signal.aborted) return;
      try {
        await this.#connect(this.#ended.signal);
        break;
      } catch (error) {
        this.#refusal = refusalOf(error);
        refusals = this.#refusal === undefined ? 0 : refusals + 1;
        if (refusals === REFUSALS) this.#options.state("refused", this.#refusal);
      }
    }
    this.#refusal = undefined;
    this.#options.modulesChanged();
    this.#options.devicesChanged();
    this.#options.state("back");
  }
}

/**
 * `error` if GPMD is there but rejects the node, or does not answer; `undefined` if it is away, or goes away.
 */
function refusalOf(error: unknown): GhostError | undefined {
  const { code } = GhostError.from(error);
  const isAway = code === "GPMD_NOT_RUNNING" || code === "CONNECTION_LOST" || code === "CANCELLED";
  return isAway && !isSilence(error) ? undefined : GhostError.from(error);
}

/** The error of what a node asks when it has left. */
function left(): GhostError {
  return new GhostError("CANCELLED", "Cannot go on: the node was closed");
}
