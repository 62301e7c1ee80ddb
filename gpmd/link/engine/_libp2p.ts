import { circuitRelayServer, circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import {
  type ComponentLogger,
  type ConnectionGater,
  type Ed25519PrivateKey,
  type Logger,
  type PeerId,
  serviceCapabilities,
} from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { createLibp2p, type Libp2p } from "libp2p";
import { watched } from "./_watched_muxer.ts";

/** Bytes that may be on their way, or wait, in one direction of a stream: 20 ms of a gigabit and a half. */
const STREAM_WINDOW = 1 << 22;
/** Milliseconds that a connection may take from its first byte until it can carry streams. */
const UPGRADE_TIME = 5000;
/** Milliseconds that one address of a device is dialled. */
const ADDRESS_TIME = 3000;
/** Milliseconds that all addresses of a device are dialled together. */
const DIAL_TIME = 20_000;
/** Milliseconds within which the other side says whether it takes a stream. */
const NEGOTIATION_TIME = 10_000;
/** Streams that one connection may have in either direction, of all protocols. */
const MAX_STREAMS = 512;
/** Connections whose handshake is under way by libp2p's count; the gate lets 64 be. */
const MAX_LIBP2P_PENDING = 1024;
/** Connections that libp2p keeps before it closes some of its own choice, which must not happen. */
const MAX_LIBP2P_CONNECTIONS = 8192;

/** Connections over a device that carries others, of one device in either direction. */
const MAX_RELAYED = 64;
/** Devices that one device carries. */
const MAX_RESERVATIONS = 1024;

/** A node, which can ask a device to carry others to it. */
export type Node = Libp2p & { reserve(relay: PeerId): Promise<void> };

/** What {@linkcode startLibp2p} needs. */
interface NodeOptions {
  /** This device's key. */
  readonly privateKey: Ed25519PrivateKey;
  /** The address to listen at, and the port; 0 lets the system choose. */
  readonly listen: { readonly hostname: string; readonly port: number };
  /** Whom to let in. */
  readonly connectionGater: ConnectionGater;
}

/**
 * A running node of libp2p: TCP, Noise, yamux and nothing else. Its own ping, limits of connections per second and
 * redialling are off or out of the way, since the gate and the connections of this room do that.
 */
export async function startLibp2p({ privateKey, listen, connectionGater }: NodeOptions): Promise<Node> {
  const circuit = circuitRelayTransport();
  let reservations: Reservations | undefined;
  const multiplexing = yamux({
    maxInboundStreams: MAX_STREAMS,
    maxOutboundStreams: MAX_STREAMS,
    // A window is what may come while nobody reads, and must fit where it waits.
    streamOptions: { maxStreamWindowSize: STREAM_WINDOW, maxReadBufferLength: 2 * STREAM_WINDOW },
  });
  const node = await createLibp2p({
    privateKey,
    connectionGater,
    logger: SILENT,
    nodeInfo: { name: "ghost-network", version: "2", userAgent: "ghost-network" },
    addresses: { listen: [`/ip4/${listen.hostname}/tcp/${listen.port}`] },
    transports: [
      tcp(),
      (components) => {
        const transport = circuit(components);
        // The one way to ask a device that is known to carry others, rather than any that comes along.
        ({ reservationStore: reservations } = transport as unknown as { reservationStore: Reservations });
        return transport;
      },
    ],
    services: {
      // The transport wants it in order to find relays by itself, which is not wanted here.
      identify: () => ({ [serviceCapabilities]: ["@libp2p/identify"] }),
      relay: circuitRelayServer({
        maxInboundHopStreams: MAX_RELAYED,
        maxOutboundStopStreams: MAX_RELAYED,
        // The devices are the user's own: without this a relayed connection ends after 128 KiB.
        reservations: { applyDefaultLimit: false, maxReservations: MAX_RESERVATIONS },
      }),
    },
    connectionEncrypters: [noise()],
    streamMuxers: [() => watched(multiplexing())],
    connectionMonitor: { enabled: false },
    connectionManager: {
      maxConnections: MAX_LIBP2P_CONNECTIONS,
      inboundConnectionThreshold: Number.MAX_SAFE_INTEGER,
      maxIncomingPendingConnections: MAX_LIBP2P_PENDING,
      inboundUpgradeTimeout: UPGRADE_TIME,
      addressDialTimeout: ADDRESS_TIME,
      dialTimeout: DIAL_TIME,
      inboundStreamProtocolNegotiationTimeout: NEGOTIATION_TIME,
      outboundStreamProtocolNegotiationTimeout: NEGOTIATION_TIME,
      reconnectRetries: 0,
      resolvers: {},
    },
  });
  return Object.assign(node, {
    reserve: async (relay: PeerId) => {
      // It never asks a device again whose connection ended in between.
      reservations!.relayFilter.remove(relay.toMultihash().bytes);
      await reservations!.addRelay(relay, "configured");
    },
  });
}

/** What is used of the transport's own store, which its types keep to themselves. */
interface Reservations {
  readonly relayFilter: { remove(peer: Uint8Array): unknown };
  addRelay(relay: PeerId, type: "configured"): Promise<unknown>;
}

/** libp2p logs every frame to whoever sets DEBUG, which this process may not even read. */
const QUIET: Logger = Object.assign(() => {}, {
  enabled: false,
  error: () => {},
  trace: () => {},
  newScope: () => QUIET,
});
export const SILENT: ComponentLogger = { forComponent: () => QUIET };
