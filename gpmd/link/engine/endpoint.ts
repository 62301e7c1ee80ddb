import type { Connection, Ed25519PrivateKey, Stream } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import { GhostError } from "../../../gmp/errors.ts";
import { systemCode, systemReason } from "../../../gmp/system_error.ts";
import { parseDeviceAddress } from "../../../gmp/device/device_address.ts";
import { hostOf, ownAddresses } from "./addresses.ts";
import { Gate, type GateRules } from "./gate.ts";
import { type Node, startLibp2p } from "./_libp2p.ts";
import { Rate, Rates } from "./rate.ts";
import type { Networks } from "../../../gmp/device/networks.ts";

/** The protocols of libp2p that two links speak (docs/protocol.md, "Between the links of two devices"). */
export const PROTOCOLS = { pair: "/ghost/pair/1", link: "/ghost/link/1", pipe: "/ghost/pipe/1" } as const;

/** Pipes of one connection in either direction at once: a session needs one. */
const MAX_PIPE_STREAMS = 256;
/** Connections of devices that are not paired, while an invitation is open. */
const MAX_STRANGERS = 8;
/** Streams for pairing, and for the channel, that one connection may have at once. */
const MAX_CHANNELS = 2;

/** Streams that a device may open in a second, and at once; beyond that its connection ends. Each costs a negotiation. */
const STREAM_RATE = 50;
const MAX_STREAM_BURST = 1024;

/** What an {@linkcode Endpoint} needs. */
interface EndpointOptions {
  /** This device's key. */
  readonly key: Ed25519PrivateKey;
  /** The port to listen on; 0 lets the system choose. */
  readonly port: number;
  /** Who may be dialled and listened to. */
  readonly networks: Networks;
  /** See {@linkcode GateRules}. */
  readonly isPaired: GateRules["isPaired"];
  /** Whether a device that is not paired may come from `address`, to be paired. */
  invites(address: string): boolean;
  /** See {@linkcode GateRules}. */
  readonly joining: GateRules["joining"];
  /** See {@linkcode GateRules}. */
  readonly isRelay: GateRules["isRelay"];
  /** Takes the streams that others open, by protocol; a stream that it throws for is reset. */
  readonly incoming: Readonly<
    Record<keyof typeof PROTOCOLS, (stream: Stream, connection: Connection) => void>
  >;
}

/** Where this device listens and dials: libp2p, which runs only while it is needed. */
export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #rates = new Rates(() => new Rate(STREAM_RATE, MAX_STREAM_BURST));
  #node: Node | undefined;
  #port: number | undefined;

  /** An endpoint that does not listen yet. */
  constructor(options: EndpointOptions) {
    this.#options = options;
  }

  /** Where others can reach it now; nowhere while it does not listen. */
  get addresses(): string[] {
    return this.#node === undefined || this.#port === undefined
      ? []
      : ownAddresses(this.#port, this.#options.networks);
  }

  /** Listens. @throws {GhostError} `PORT_IN_USE`, `BAD_ARGUMENTS` when the system refuses, `RESOURCE_EXHAUSTED`. */
  async open(): Promise<void> {
    if (this.#node !== undefined) return;
    const { key, networks, incoming, isPaired, joining, isRelay } = this.#options;
    const hostname = networks.isLoopbackOnly ? "127.0.0.1" : "0.0.0.0";
    // The same port again when it was closed in between, since others may know it.
    const port = this.#port ?? this.#options.port;
    await portIsFree(hostname, port);
    const connectionGater = new Gate(networks, {
      isPaired,
      joining,
      isRelay,
      connectionsOf: (id) => this.#connectionsOf(id).length,
      admitsStranger: (address) => this.#admitsStranger(address),
    });
    const node = await startLibp2p({ privateKey: key, listen: { hostname, port }, connectionGater });
    for (const [name, protocol] of Object.entries(PROTOCOLS) as [keyof typeof PROTOCOLS, string][]) {
      const most = name === "pipe" ? MAX_PIPE_STREAMS : MAX_CHANNELS;
      const take = (stream: Stream, connection: Connection) => {
        if (this.#rates.of(connection.remotePeer.toString()).allows()) {
          return incoming[name](stream, connection);
        }
        connection.abort(new Error("Too many streams were opened"));
      };
      await node.handle(protocol, take, {
        maxInboundStreams: most,
        maxOutboundStreams: most,
        runOnLimitedConnection: true,
      });
    }
    this.#node = node;
    this.#port = Number(node.getMultiaddrs()[0]?.getComponents().find(({ name }) => name === "tcp")?.value);
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    const node = this.#node;
    this.#node = undefined;
    await node?.stop();
  }

  /** The connections of devices that are not paired, and have dialled this one; the oldest first. */
  get strangers(): Connection[] {
    return this.#connections.filter(({ remotePeer, direction }) =>
      direction === "inbound" && !this.#options.isPaired(remotePeer.toString())
    ).sort((one, other) => one.timeline.open - other.timeline.open);
  }

  /** Ends all connections of the device `id` at once. */
  cut(id: string): void {
    for (const connection of this.#connectionsOf(id)) connection.abort(new Error("The device was removed"));
  }

  /**
   * A connection to the device with the key `id`, at the first of `addresses` that answers.
   *
   * @throws {GhostError} `DEVICE_UNREACHABLE`; `details.reason` is `"refused"` when the device is there and does not let
   * this one in.
   */
  async dial(id: string, addresses: readonly string[], signal: AbortSignal): Promise<Connection> {
    const node = this.#node;
    const allowed = addresses.filter((text) =>
      this.#options.networks.has(parseDeviceAddress(text)?.hostname ?? "")
    );
    if (node === undefined || allowed.length === 0) {
      throw unreachable(addresses, "none of them is in a network that may be dialled");
    }
    let isAuthenticated = false;
    try {
      return await node.dial(allowed.map((text) => multiaddrOf(text, id)), {
        signal,
        onProgress: ({ type }) => {
          if (type === "upgrader:multiplex-outbound-connection") isAuthenticated = true;
        },
      });
    } catch (cause) {
      signal.throwIfAborted();
      throw unreachable(
        allowed,
        isAuthenticated ? "it does not let this device in" : "nothing answers there, or another device",
        { cause, ...(isAuthenticated ? { details: { reason: REFUSED } } : {}) },
      );
    }
  }

  /**
   * Opens a connection of its own to the device `id` at `address`, sees that it is let in, and closes it.
   *
   * @throws {GhostError} `DEVICE_UNREACHABLE`; `details.reason` is `"refused"` when the device is there and does not let
   * this one in, `"other"` when another one is there.
   */
  async prove(id: string, address: string, signal: AbortSignal): Promise<void> {
    const node = this.#node;
    if (node === undefined) throw unreachable([address], "this device does not dial now");
    let connection: Connection;
    try {
      connection = await node.dial(multiaddrOf(address, id), { signal, force: true });
    } catch (cause) {
      const isOther = String(cause).includes("expected remote identity key");
      throw unreachable([address], isOther ? "another device is there" : "no device of that key answers", {
        cause,
        ...isOther ? { details: { reason: OTHER } } : {},
      });
    }
    try {
      // Who is not let in hears that here at the latest. A pipe that leads nowhere does nothing.
      (await this.openStream(connection, "pipe", signal)).abort(new Error("This was only a question"));
    } finally {
      connection.abort(new Error("This was only a question"));
    }
  }

  /** A connection to the device `id` over the device `relay`, to which there is one. @throws {GhostError} `DEVICE_UNREACHABLE`. */
  async dialOver(relay: string, id: string, signal: AbortSignal): Promise<Connection> {
    try {
      // By force, since one that the other side dials meanwhile has the same address: libp2p would abort ours for that one,
      // and on the other side that one for ours.
      const address = multiaddr(`/p2p/${relay}/p2p-circuit/p2p/${id}`);
      return await this.#node!.dial(address, { signal, force: true });
    } catch (cause) {
      signal.throwIfAborted();
      throw new GhostError("DEVICE_UNREACHABLE", "Cannot reach the device over another one", { cause });
    }
  }

  /** Asks the device `relay` to carry others to this one. @throws when it does not. */
  async reserve(relay: string): Promise<void> {
    await this.#node?.reserve(peerIdFromString(relay));
  }

  /** A stream to the other side of `connection`. @throws {GhostError} `DEVICE_UNREACHABLE`. */
  async openStream(
    connection: Connection,
    protocol: keyof typeof PROTOCOLS,
    signal: AbortSignal,
  ): Promise<Stream> {
    try {
      return await connection.newStream([PROTOCOLS[protocol]], { signal, runOnLimitedConnection: true });
    } catch (cause) {
      signal.throwIfAborted();
      throw new GhostError("DEVICE_UNREACHABLE", "Cannot reach the device: it does not take the stream", {
        cause,
        details: { reason: REFUSED },
      });
    }
  }

  /** A further stranger ends the oldest one of the address that has most of them, so none keeps the invited one out. */
  #admitsStranger(address: string): boolean {
    if (!this.#options.invites(address)) return false;
    const { strangers } = this;
    if (strangers.length < MAX_STRANGERS) return true;
    const ofAddresses = Map.groupBy(strangers, ({ remoteAddr }) => hostOf(remoteAddr)).values();
    const [most] = [...ofAddresses].sort((one, other) => other.length - one.length);
    most![0]!.abort(new Error("Newer connections wait"));
    return true;
  }

  get #connections(): Connection[] {
    return this.#node?.getConnections() ?? [];
  }

  #connectionsOf(id: string): Connection[] {
    return this.#connections.filter(({ remotePeer }) => remotePeer.toString() === id);
  }
}

/** The reason, for programs, of a device that is there and does not let this one in. */
export const REFUSED = "refused";

/** The reason, for programs, of an address where another device is. */
export const OTHER = "other";

function multiaddrOf(text: string, id: string) {
  const { hostname, port } = parseDeviceAddress(text)!;
  return multiaddr(`/ip4/${hostname}/tcp/${port}/p2p/${peerIdFromString(id)}`);
}

function unreachable(addresses: readonly string[], reason: string, options = {}): GhostError {
  return new GhostError(
    "DEVICE_UNREACHABLE",
    `Cannot reach the device at ${addresses.join(", ")}: ${reason}`,
    options,
  );
}

/** Milliseconds in which a link that this one replaces gives the port back. */
const REPLACED_MS = 2000;
/** Milliseconds between two attempts to get it. */
const ATTEMPT_MS = 50;

/** Resolves once the port can be had: libp2p says only in words why it cannot listen. */
async function portIsFree(hostname: string, port: number): Promise<void> {
  for (const until = performance.now() + REPLACED_MS;;) {
    try {
      return Deno.listen({ hostname, port }).close();
    } catch (error) {
      const isHeld = systemCode(error) === "EADDRINUSE";
      if (!isHeld || performance.now() >= until) {
        throw new GhostError(
          isHeld ? "PORT_IN_USE" : "BAD_ARGUMENTS",
          `Cannot listen on ${hostname}:${port}: ${systemReason(error)}`,
          { cause: error },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, ATTEMPT_MS));
    }
  }
}
