import type { ConnectionGater, MultiaddrConnection, PeerId } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { hostOf } from "./addresses.ts";
import type { Networks } from "../../../gmp/device/networks.ts";
import { Rate, Rates } from "./rate.ts";

/** Connections whose handshake is under way; a further one ends the oldest. */
const MAX_PENDING_CONNECTIONS = 64;
/** Connections of one paired device: the one that is kept, and others until they are compared with it. */
const MAX_CONNECTIONS_OF_DEVICE = 4;

/** Handshakes that one address may begin in a second, and at once: each costs some milliseconds, whoever it is. */
const HANDSHAKE_RATE = 20;
const MAX_HANDSHAKE_BURST = 512;
/** Connections that one paired device may make in a second, and at once: it needs one, and another when that is lost. */
const CONNECTION_RATE = 1;
const MAX_CONNECTION_BURST = 64;

/** Whom the gate lets in. */
export interface GateRules {
  /** Whether the device with the key `id` is paired. */
  isPaired(id: string): boolean;
  /** The device that this one is about to join, which may be dialled. */
  joining(): string | undefined;
  /** Whether this device carries the connections of others. */
  isRelay(): boolean;
  /** How many connections the device with the key `id` has. */
  connectionsOf(id: string): number;
  /** Whether a device that is not paired may come from `address`, to be paired; makes room for it. */
  admitsStranger(address: string): boolean;
}

/**
 * The moments at which a connection is refused: by its address before anything is read, by its key as soon as that is
 * proved, without a word about the reason. It stands in front of libp2p's own limits, which would shut paired devices
 * out while a stranger opens connections: of those that have proved nothing yet the oldest goes.
 */
export class Gate implements ConnectionGater {
  readonly #networks: Networks;
  readonly #rules: GateRules;
  readonly #pending = new Set<MultiaddrConnection>();
  readonly #handshakes: Rates;
  readonly #connections: Rates;

  /** A gate for devices in `networks`; `now` is a monotonic clock, in milliseconds. */
  constructor(networks: Networks, rules: GateRules, now?: () => number) {
    this.#networks = networks;
    this.#rules = rules;
    this.#handshakes = new Rates(() => new Rate(HANDSHAKE_RATE, MAX_HANDSHAKE_BURST, now));
    this.#connections = new Rates(() => new Rate(CONNECTION_RATE, MAX_CONNECTION_BURST, now));
  }

  /** See `ConnectionGater`. */
  denyDialPeer(peer: PeerId): boolean {
    const id = peer.toString();
    return !this.#rules.isPaired(id) && this.#rules.joining() !== id;
  }

  /** See `ConnectionGater`. */
  denyDialMultiaddr(address: Multiaddr): boolean {
    return !this.#isAllowed(address);
  }

  /** See `ConnectionGater`. */
  denyInboundConnection(connection: MultiaddrConnection): boolean {
    if (!this.#isAllowed(connection.remoteAddr)) return true;
    if (!this.#handshakes.of(hostOf(connection.remoteAddr)).allows()) return true;
    const pending = this.#pending;
    for (const oldest of pending) {
      if (pending.size < MAX_PENDING_CONNECTIONS) break;
      pending.delete(oldest);
      oldest.abort(new Error("Newer connections wait"));
    }
    pending.add(connection);
    connection.addEventListener("close", () => pending.delete(connection), { once: true });
    return false;
  }

  /** See `ConnectionGater`. */
  denyInboundEncryptedConnection(peer: PeerId, connection: MultiaddrConnection): boolean {
    this.#pending.delete(connection);
    const id = peer.toString();
    if (this.#rules.isPaired(id)) {
      return this.#rules.connectionsOf(id) >= MAX_CONNECTIONS_OF_DEVICE || !this.#connections.of(id).allows();
    }
    return peer.type !== "Ed25519" || !this.#rules.admitsStranger(hostOf(connection.remoteAddr));
  }

  /** See `ConnectionGater`. */
  filterMultiaddrForPeer(_peer: PeerId, address: Multiaddr): boolean {
    return this.#isAllowed(address);
  }

  /** See `ConnectionGater`. */
  denyInboundRelayReservation(source: PeerId): boolean {
    return !this.#rules.isRelay() || !this.#rules.isPaired(source.toString());
  }

  /** See `ConnectionGater`. */
  denyOutboundRelayedConnection(source: PeerId, destination: PeerId): boolean {
    return this.denyInboundRelayReservation(source) || !this.#rules.isPaired(destination.toString());
  }

  /** See `ConnectionGater`. */
  denyInboundRelayedConnection(relay: PeerId, remote: PeerId): boolean {
    return !this.#rules.isPaired(relay.toString()) || !this.#rules.isPaired(remote.toString());
  }

  #isAllowed(address: Multiaddr): boolean {
    const [relay, circuit] = address.getComponents();
    if (circuit?.name === "p2p-circuit") return this.#rules.isPaired(relay!.value ?? "");
    const ip = address.getComponents().find(({ name }) => name === "ip4")?.value;
    return ip !== undefined && this.#networks.has(ip);
  }
}
