import type { Connection } from "@libp2p/interface";
import type { ChannelOptions } from "../../../gmp/channel/channel.ts";
import type { Handlers } from "../../../gmp/channel/messages.ts";
import { GhostError } from "../../../gmp/errors.ts";
import type { DeviceDescription, DeviceExamination } from "../../../gmp/messages/device.ts";
import { usableAddresses } from "./addresses.ts";
import type { DeviceConnection, Hello } from "./device_connection.ts";
import { DeviceTroubles } from "./device_troubles.ts";
import type { DeviceStore, StoredDevice } from "./device_store.ts";
import type { Endpoint } from "./endpoint.ts";
import { KeptDevice, type KeptDeviceHost } from "./kept_device.ts";
import { examineDevice } from "./examine_device.ts";
import type { LinkEvents } from "./link_events.ts";
import type { Networks } from "../../../gmp/device/networks.ts";
import { Relays } from "./relays.ts";

/** Addresses of one device by mDNS that are tried. */
const MAX_SIGHTED = 4;
/** Milliseconds between two sightings of one device that are heeded. */
const SIGHTING_INTERVAL = 5000;

/** What the network says of one device. */
interface Sighting {
  readonly addresses: readonly string[];
  /** When it was said, by `performance.now()`. */
  readonly at: number;
}

/** A paired device, as handlers know it. */
export interface RemoteDevice {
  /** Its key's fingerprint. */
  readonly id: string;
  /** This device's word for it, which may change. */
  readonly name: string;
}

/** What the user of a link does with other devices. */
export interface DeviceHandlers {
  /** Answers what `device` asks. */
  handlers(device: RemoteDevice): Handlers;
  /** Takes what `device` tells. */
  notice?(device: RemoteDevice): NonNullable<ChannelOptions["notice"]>;
  /** Told what happens. */
  readonly events?: LinkEvents;
}

/** What {@linkcode Devices} need. */
interface DevicesOptions {
  /** This device's own key. */
  readonly ownId: string;
  /** What this device says when it is connected. */
  hello(): Hello;
  /** The paired devices. */
  readonly store: DeviceStore;
  /** Where this device listens and dials. */
  readonly endpoint: Endpoint;
  /** Who may be dialled. */
  readonly networks: Networks;
  /** What is done with them. */
  readonly user: DeviceHandlers;
}

/** The paired devices, and the connection to each. */
export class Devices {
  readonly #options: DevicesOptions;
  readonly #kept = new Map<string, KeptDevice>();
  readonly #host: KeptDeviceHost;
  /** The connected devices that carry others. */
  readonly #relays: Relays;
  readonly #troubles = new DeviceTroubles();
  /** Where the network says that a device is, which may be anybody's word. */
  readonly #sightings = new Map<string, Sighting>();

  /** Connects to none of them yet. */
  constructor(options: DevicesOptions) {
    this.#options = options;
    this.#host = this.#makeHost();
    this.#relays = new Relays({
      reserve: (id) => options.endpoint.reserve(id),
      reserved: () => {
        for (const kept of this.#kept.values()) if (kept.active === undefined) kept.wake();
      },
      refused: (error) => options.user.events?.fault?.(error),
    });
  }

  /** The device with the key `id`, whose connection is kept up from now on; it is dialled after `delay` milliseconds. */
  keep(id: string, delay = 0): KeptDevice {
    const known = this.#kept.get(id);
    if (known !== undefined) return known;
    const kept = new KeptDevice(id, this.#host);
    this.#kept.set(id, kept);
    kept.start(delay);
    return kept;
  }

  /** Ends the channel to the device `id` after telling it the reason, and keeps the connection up no more. */
  async release(id: string, reason: string): Promise<void> {
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    this.#sightings.delete(id);
    this.#troubles.forget(id);
    await kept?.stop(reason);
  }

  /** The same, and ends all its connections. */
  async drop(id: string, reason: string): Promise<void> {
    try {
      await this.release(id, reason);
    } finally {
      this.#options.endpoint.cut(id);
    }
  }

  /** Ends all connections. */
  async stop(): Promise<void> {
    this.#relays.clear();
    await Promise.all([...this.#kept.values()].map((kept) => kept.stop(undefined)));
  }

  /** Tells all of them that this device's addresses have changed. */
  greetAgain(): void {
    for (const kept of this.#kept.values()) kept.greetAgain();
  }

  /** Somebody on the network says that the device `id` listens at `addresses`: it is dialled there, after those known. */
  seenAt(id: string, addresses: readonly string[]): void {
    const kept = this.#kept.get(id);
    const usable = usableAddresses(addresses, this.#options.networks).slice(0, MAX_SIGHTED);
    // A connection over another device may be replaced by one to where it was seen.
    if (kept === undefined || kept.active?.connection.direct || usable.length === 0) return;
    const now = performance.now();
    if (now - (this.#sightings.get(id)?.at ?? -Infinity) < SIGHTING_INTERVAL) return;
    this.#sightings.set(id, { addresses: usable, at: now });
    kept.wake();
  }

  /** The connection to the device called `name`. @throws {GhostError} `DEVICE_NOT_FOUND`, `DEVICE_UNREACHABLE`. */
  active(name: string): DeviceConnection {
    const { id } = this.#options.store.named(name);
    const active = this.#kept.get(id)?.active;
    if (active?.channel.open) return active;
    throw new GhostError(
      "DEVICE_UNREACHABLE",
      `Cannot reach device "${name}": there is no connection to it now`,
    );
  }

  /** What is known of `device`. */
  describe({ name, id, addresses, since, lastSeen }: StoredDevice): DeviceDescription {
    const active = this.#kept.get(id)?.active;
    return {
      name,
      id,
      addresses,
      since,
      reachable: active !== undefined,
      way: active === undefined ? undefined : active.connection.direct ? "stream" : "relay",
      ping: active?.ping,
      lastSeen: active === undefined ? lastSeen : new Date().toISOString(),
      removed: this.#troubles.hasRemoved(id) ? true : undefined,
      relay: this.#relays.has(id) ? true : undefined,
    };
  }

  /** What happens when `device` is dialled at each of its addresses, and what else is known of the way to it. */
  async examine(device: StoredDevice): Promise<Omit<DeviceExamination, "lanes" | "own">> {
    const { ownId, store, endpoint, networks } = this.#options;
    const { id } = device;
    this.#kept.get(id)?.wake();
    const seen = this.#sightings.get(id)?.addresses ?? [];
    const found = await examineDevice({ id, addresses: this.#addressesOf(id), networks, endpoint });
    const active = this.#kept.get(id)?.active;
    // Its clock is asked for anew; a connection that fails at that is none any more.
    await active?.greet().catch((error) => active.end(GhostError.from(error, "CONNECTION_LOST")));
    const relays = this.#relays.ids.filter((relay) => relay !== id).flatMap((relay) =>
      store.get(relay)?.name ?? []
    );
    // While an invitation is open there, it lets in whoever it has removed, too, to be paired.
    const isOut = this.#troubles.hasRemoved(id);
    const addresses = found.map(({ address, state }) => ({
      address,
      state: isOut && state === "works" ? "unwelcome" as const : state,
    }));
    return {
      device: this.describe(device),
      addresses,
      seen,
      relays,
      software: active?.software,
      clock: active?.clock,
      copied: this.#troubles.wasCopied(ownId) ? "own" : this.#troubles.wasCopied(id) ? "device" : undefined,
    };
  }

  /** Whose `connection` is. @throws {GhostError} `CONNECTION_DENIED` when that device is not paired. */
  at(connection: Connection): RemoteDevice {
    const id = connection.remotePeer.toString();
    const stored = this.#options.store.get(id);
    if (stored === undefined) {
      throw new GhostError("CONNECTION_DENIED", "Cannot answer: the device is not paired");
    }
    return this.#remote(id, stored.name);
  }

  #remote(id: string, last: string): RemoteDevice {
    const { store } = this.#options;
    return {
      id,
      get name() {
        return last = store.get(id)?.name ?? last;
      },
    };
  }

  #makeHost(): KeptDeviceHost {
    const { ownId, hello, store, endpoint, user } = this.#options;
    const { events } = user;
    const nameOf = (id: string) => store.get(id)?.name;
    const remote = (id: string) => this.#remote(id, nameOf(id) ?? "");
    return {
      ownId,
      hello,
      dial: (id, signal) => this.#dial(id, signal),
      dialDirectly: (id, signal) => endpoint.dial(id, this.#addressesOf(id), signal),
      openLink: (connection, signal) => endpoint.openStream(connection, "link", signal),
      greeted: (id, { addresses, relay }, connection) => {
        // At new addresses there may be a way without the device that carries this connection.
        if (this.#learn(id, addresses) && !connection.direct) this.#kept.get(id)?.wake();
        if (relay === true && connection.direct) this.#relays.add(id);
        else this.#relays.delete(id);
      },
      changed: (id, error) => {
        if (error !== undefined) this.#relays.delete(id);
        if (error === undefined) this.#troubles.forget(id);
        const name = nameOf(id);
        if (name === undefined) return;
        if (error === undefined) return events?.reachable?.(name);
        this.#update(id, { lastSeen: new Date().toISOString() });
        events?.unreachable?.(name, error);
      },
      failed: (id, error) => this.#troubles.failed(id, error),
      copied: (id, isOwn) => {
        this.#troubles.copied(isOwn ? ownId : id);
        events?.copied?.(isOwn ? undefined : nameOf(id));
      },
      left: (id, reason) => {
        // A device that ends says nothing: it has removed this one.
        if (reason !== undefined) this.#troubles.removed(id);
        events?.left?.(nameOf(id) ?? id, reason);
      },
      handlers: (id) => user.handlers(remote(id)),
      notice: (id) => user.notice?.(remote(id)) ?? (() => {}),
    };
  }

  /** A connection to the device `id`: straight, or over a device that carries others. */
  async #dial(id: string, signal: AbortSignal): Promise<Connection> {
    const { endpoint } = this.#options;
    try {
      return await endpoint.dial(id, this.#addressesOf(id), signal);
    } catch (error) {
      for (const relay of this.#relays.ids) {
        if (relay === id) continue;
        try {
          return await endpoint.dialOver(relay, id, signal);
        } catch {
          // The first error says more.
        }
      }
      throw error;
    }
  }

  #addressesOf(id: string): string[] {
    const known = this.#options.store.get(id)?.addresses ?? [];
    return [...new Set([...known, ...this.#sightings.get(id)?.addresses ?? []])];
  }

  /** Remembers what the device `id` itself says of where it listens: true when that is new. */
  #learn(id: string, addresses: readonly string[]): boolean {
    this.#sightings.delete(id);
    const usable = usableAddresses(addresses, this.#options.networks);
    const known = this.#options.store.get(id)?.addresses;
    const isNew = usable.length > 0 && known?.join() !== usable.join();
    if (isNew) this.#update(id, { addresses: usable });
    return isNew;
  }

  #update(id: string, change: Pick<Partial<StoredDevice>, "addresses" | "lastSeen">): void {
    const { store, user } = this.#options;
    store.note(id, change, (error) => user.events?.fault?.(error));
  }
}
