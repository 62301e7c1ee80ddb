import type { Ed25519PrivateKey } from "@libp2p/interface";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { pause } from "../../../gmp/async/pause.ts";
import type { Channel } from "../../../gmp/channel/channel.ts";
import { GhostError } from "../../../gmp/errors.ts";
import type { DeviceDescription, DeviceExamination } from "../../../gmp/messages/device.ts";
import { checkDeviceName } from "../../../gmp/names.ts";
import type { ByteStream } from "./byte_stream.ts";
import { openDeviceKey } from "./device_key.ts";
import { DeviceStore } from "./device_store.ts";
import { type DeviceHandlers, Devices, type RemoteDevice } from "./devices.ts";
import { startDiscovery } from "./discovery.ts";
import { Endpoint } from "./endpoint.ts";
import { Networks } from "../../../gmp/device/networks.ts";
import { type OpenInvitation, Pairings } from "./pairings.ts";
import { acceptPipe, openPipe } from "./pipe_stream.ts";

/** Milliseconds between two looks at this device's own addresses. */
const ADDRESS_INTERVAL = 5000;

/** What a {@linkcode LinkHost} needs. */
export interface LinkHostOptions extends DeviceHandlers {
  /** The directory of the key and the paired devices, this user's alone. */
  readonly directory: string;
  /** What this device is called by others unless they choose another name. */
  readonly deviceName: string;
  /** The port to listen on, once there is a reason to; 0 lets the system choose. */
  readonly port: number;
  /** Subnets and addresses of IPv4 that may be dialled and listened to. */
  readonly networks: readonly string[];
  /** Name and version of the program, for people. */
  readonly software: string;
  /** Whether to find devices by mDNS, and be found; by default unless all networks are loopback. */
  readonly discovery?: boolean;
  /** Whether this device carries connections between its paired devices that cannot reach each other; it does not by default. */
  readonly relay?: boolean;
  /** Takes a pipe that `device` has opened with `token`; what it throws ends the pipe. */
  onPipe(device: RemoteDevice, token: Uint8Array, stream: ByteStream): void;
}

/**
 * This device among the user's devices: its key, the devices that it is paired with, a connection to each that is kept
 * up, and pairing. Until it is paired or invites, it does not listen.
 */
export class LinkHost implements AsyncDisposable {
  /** This device's key's fingerprint: libp2p's peer id. */
  readonly id: string;
  readonly #store: DeviceStore;
  readonly #endpoint: Endpoint;
  readonly #devices: Devices;
  readonly #pairings: Pairings;
  readonly #end = new AbortController();
  readonly #needed: (isNeeded: boolean) => void;
  readonly #unpaired: (id: string) => void;
  readonly #discover: () => Promise<AsyncDisposable | undefined>;
  #isRelay: boolean;
  #discovery: Promise<AsyncDisposable | undefined> | undefined;
  #revising: Promise<void> = Promise.resolve();
  #watching: Promise<void> | undefined;

  private constructor(options: LinkHostOptions, key: Ed25519PrivateKey, store: DeviceStore) {
    const ownId = this.id = peerIdFromPrivateKey(key).toString();
    const { port, software, deviceName, onPipe, events } = options;
    const networks = new Networks(options.networks);
    const instance = crypto.randomUUID();
    this.#store = store;
    this.#isRelay = options.relay ?? false;
    const endpoint = this.#endpoint = new Endpoint({
      key,
      port,
      networks,
      isPaired: (id) => store.get(id) !== undefined,
      invites: (address) => this.#pairings.invites(address),
      joining: () => this.#pairings.joining,
      isRelay: () => this.#isRelay,
      incoming: {
        pair: (stream, connection) => this.#pairings.answer(stream, connection),
        link: (stream, connection) => devices.keep(devices.at(connection).id).accept(connection, stream),
        pipe: (stream, connection) => {
          const device = devices.at(connection);
          acceptPipe(stream, (token, bytes) => onPipe.call(options, device, token, bytes));
        },
      },
    });
    this.#unpaired = (id) => events?.unpaired?.(id);
    this.#needed = (isNeeded) => events?.needed?.(isNeeded);
    const devices = this.#devices = new Devices({
      ownId,
      hello: () => ({
        instance,
        addresses: endpoint.addresses,
        software,
        relay: this.#isRelay,
        time: Date.now(),
      }),
      store,
      endpoint,
      networks,
      user: options,
    });
    this.#discover = async () => {
      if (!(options.discovery ?? !networks.isLoopbackOnly)) return undefined;
      try {
        const found = (id: string, addresses: readonly string[]) => devices.seenAt(id, addresses);
        return await startDiscovery({ ownId, addresses: () => endpoint.addresses, found });
      } catch (error) {
        // The addresses of pairing are left.
        events?.fault?.(error instanceof Error ? error : new Error(String(error)));
        return undefined;
      }
    };
    this.#pairings = new Pairings({
      ownId,
      key,
      deviceName,
      endpoint,
      networks,
      store,
      devices,
      events,
      revise: () => this.#revise(),
      signal: this.#end.signal,
    });
  }

  /**
   * Opens the directory, draws a key if there is none, and connects to the paired devices.
   *
   * @throws {GhostError} `STORE_FAULT`, `PORT_IN_USE`, `BAD_ARGUMENTS`, `INVALID_NAME` for the device's name.
   */
  static async start(options: LinkHostOptions): Promise<LinkHost> {
    checkDeviceName(options.deviceName);
    const key = await openDeviceKey(options.directory);
    const host = new LinkHost(options, key, await DeviceStore.open(options.directory));
    try {
      await host.#revise();
    } catch (error) {
      await host[Symbol.asyncDispose]();
      throw error;
    }
    for (const { id } of host.#store.all) host.#devices.keep(id);
    return host;
  }

  /** Where other devices can reach this one, such as `192.168.1.20:5990`; nowhere while it does not listen. */
  get addresses(): string[] {
    return this.#endpoint.addresses;
  }

  /**
   * Invites another device for `lifetime` milliseconds.
   *
   * @throws {GhostError} `TOO_MANY_REQUESTS`; `PORT_IN_USE`; `DEVICE_UNREACHABLE` when this device has no address.
   */
  invite({ lifetime }: { readonly lifetime: number }): Promise<OpenInvitation> {
    return this.#pairings.invite(lifetime);
  }

  /**
   * Pairs this device with the one that made `code`, which is then called `name` here, by default as it calls itself;
   * this one is called `as` there.
   *
   * @throws {GhostError} `PAIRING_FAILED`, `NAME_TAKEN`, `INVALID_NAME`, `DEVICE_UNREACHABLE`, `CONNECTION_LOST`, which
   * say why.
   */
  async join(
    code: string,
    { name, as }: { readonly name?: string | undefined; readonly as?: string | undefined } = {},
  ): Promise<DeviceDescription> {
    return this.#devices.describe(await this.#pairings.join(code, name, as));
  }

  /** The paired devices by name. */
  devices(): DeviceDescription[] {
    return this.#store.all.map((device) => this.#devices.describe(device));
  }

  /** What is in the way to `device`, or is not; `lanes` are left to whoever knows them. @throws {GhostError} `DEVICE_NOT_FOUND`. */
  async examine(device: string): Promise<Omit<DeviceExamination, "lanes">> {
    return { ...await this.#devices.examine(this.#store.named(device)), own: this.addresses };
  }

  /** Calls `device` otherwise from now on. @throws {GhostError} `DEVICE_NOT_FOUND`, `INVALID_NAME`, `NAME_TAKEN`. */
  async rename(device: string, name: string): Promise<void> {
    const stored = this.#store.named(device);
    await this.#store.put({ ...stored, name: checkDeviceName(name) });
  }

  /**
   * Takes `device` out of the gate, and ends its connections after telling it why.
   *
   * @throws {GhostError} `DEVICE_NOT_FOUND`; `STORE_FAULT` when it could not be taken out of the file: it is out only until
   * the next start.
   */
  async remove(device: string): Promise<void> {
    const { id } = this.#store.named(device);
    const removed = this.#store.delete(id);
    try {
      await Promise.all([removed, this.#devices.drop(id, "this device was removed there")]);
    } finally {
      this.#unpaired(id);
    }
    await this.#revise();
  }

  /** Carries connections between paired devices from now on, or no new ones any more. */
  carryOthers(isRelay: boolean): void {
    if (isRelay === this.#isRelay) return;
    this.#isRelay = isRelay;
    this.#devices.greetAgain();
  }

  /** The channel to `device`. @throws {GhostError} `DEVICE_NOT_FOUND`, `DEVICE_UNREACHABLE`. */
  channel(device: string): Channel {
    return this.#devices.active(device).channel;
  }

  /**
   * A pipe to whatever `device` has offered as `token`.
   *
   * @throws {GhostError} `DEVICE_NOT_FOUND`, `DEVICE_UNREACHABLE`, `CANCELLED`.
   */
  async openPipe(device: string, token: Uint8Array, signal?: AbortSignal): Promise<ByteStream> {
    const { connection } = this.#devices.active(device);
    const ends = signal === undefined ? this.#end.signal : AbortSignal.any([signal, this.#end.signal]);
    try {
      return await openPipe(await this.#endpoint.openStream(connection, "pipe", ends), token);
    } catch (error) {
      if (signal?.aborted) throw new GhostError("CANCELLED", undefined, { cause: error });
      throw GhostError.from(error, "DEVICE_UNREACHABLE");
    }
  }

  /** Ends all connections, and stops listening. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#devices.stop();
    await this.#pairings.end();
    await this.#watching;
    await this.#revise();
    await this.#store.written();
  }

  /** Listens while there is a reason to: a paired device, an invitation, or a device to join. */
  #revise(): Promise<void> {
    const revised = this.#revising.then(async () => {
      const { isInviting, joining } = this.#pairings;
      const isNeeded = this.#store.size > 0 || isInviting || joining !== undefined;
      this.#needed(isNeeded);
      if (isNeeded && !this.#end.signal.aborted) {
        await this.#endpoint.open();
        this.#watching ??= this.#watchAddresses();
        this.#discovery ??= this.#discover();
        await this.#discovery;
      } else {
        await (await this.#discovery)?.[Symbol.asyncDispose]();
        this.#discovery = undefined;
        await this.#endpoint.close();
      }
    });
    this.#revising = revised.catch(() => {});
    return revised;
  }

  /** After a change of address TCP says nothing: others are told the new ones over connections that still work. */
  async #watchAddresses(): Promise<void> {
    const { signal } = this.#end;
    for (let known = this.addresses.join(); !signal.aborted;) {
      await pause(ADDRESS_INTERVAL, signal);
      const now = this.addresses.join();
      if (now === known) continue;
      known = now;
      this.#devices.greetAgain();
    }
  }
}
