import { GhostError } from "../../gmp/errors.ts";
import type { AddressFinding, LinkSettings } from "../../gmp/messages/device.ts";
import { Networks } from "../../gmp/device/networks.ts";
import { Rate, Rates } from "./engine/rate.ts";
import { reachPort } from "./engine/reach_port.ts";
import { type LaneOffer, Lanes } from "./pipes/lanes.ts";
import type { PipeEnd } from "./pipes/pipe_end.ts";
import { Ways } from "./pipes/ways.ts";

/** Lanes that one address may begin in a second, and at once: each costs a handshake of TLS, whoever it is. */
const LANE_RATE = 50;
const MAX_LANE_BURST = 2048;

/** What {@linkcode DeviceWays} need. A device is named by its id. */
interface DeviceWaysOptions extends Pick<LinkSettings, "port" | "networks"> {
  /** Whether `device` is paired. */
  isPaired(device: string): Promise<boolean>;
  /** This device's own id. */
  ownId(): Promise<string>;
  /** Serves a pipe that `device` has opened by a lane, and whose token is to be read. */
  serve(device: string, end: PipeEnd): void;
  /** Opens a pipe to `device` by a stream of libp2p. */
  stream(device: string, token: Uint8Array): Promise<PipeEnd>;
  /** Asks `device` for its lanes with this one's. */
  ask(device: string, offer: LaneOffer): Promise<LaneOffer>;
  /** Where `device` listens, such as `192.168.1.20:5990`. */
  addressesOf(device: string): Promise<readonly string[]>;
  /** Told what went wrong without anybody having asked. */
  fault(error: GhostError): void;
  /** How many lanes each address may begin, other than {@linkcode LANE_RATE} says. */
  readonly rates?: Rates;
}

/**
 * How pipes get to other devices: by lanes at the port after the link's where those can be opened, by streams otherwise.
 * Nothing listens while no device is paired.
 */
export class DeviceWays {
  readonly #options: DeviceWaysOptions;
  readonly #ways: Ways;
  #lanes: Promise<Lanes> | undefined;

  /** Nothing is open yet. */
  constructor(options: DeviceWaysOptions) {
    this.#options = options;
    this.#ways = new Ways({
      lane: async (device) => (await this.#listen(device)).dial(device, await this.#hostsOf(device)),
      stream: (device, token) => options.stream(device, token),
    });
  }

  /** Opens a pipe to what `device` has offered as `token`. @throws as `stream` does, when there is no lane either. */
  open(device: string, token: Uint8Array): Promise<PipeEnd> {
    return this.#ways.open(device, token);
  }

  /** Whether pipes to `device` go by lanes. */
  hasLane(device: string): boolean {
    return this.#ways.hasLane(device);
  }

  /** What happens at each of the addresses of `device` where it takes lanes; tries anew whether one can be opened. */
  async examine(device: string): Promise<AddressFinding[]> {
    const port = (await this.#listen(device)).portOf(device);
    if (port === undefined) return [];
    if (!this.hasLane(device)) await this.#ways.explore(device);
    const { networks } = this.#options;
    const hosts = (await this.#hostsOf(device)).filter((host) => new Networks(networks).has(host));
    return await Promise.all(hosts.map(async (host) => {
      const state = await reachPort(host, port);
      // Whoever takes the connection, and is no lane of that device, is something else.
      const found = state !== "open" ? state : this.hasLane(device) ? "works" as const : "other" as const;
      return { address: `${host}:${port}`, state: found };
    }));
  }

  /** Answers `device`, which asks for this one's lanes. @throws {GhostError} `BAD_REQUEST`, `DEVICE_NOT_FOUND`. */
  async answer(device: string, offer: LaneOffer): Promise<LaneOffer> {
    const lanes = await this.#listen(device);
    const answer = await lanes.answer(device, offer);
    await this.#forgetRemoved(lanes, device);
    return answer;
  }

  /** For when there is a connection to `device`: asks for its lanes, and finds out whether one can be opened. */
  async reached(device: string): Promise<void> {
    try {
      const lanes = await this.#listen(device);
      await lanes.learn(device, await this.#options.ask(device, await lanes.offerTo(device)));
      await this.#forgetRemoved(lanes, device);
      await this.#ways.explore(device);
    } catch (error) {
      // It has gone again, or it is a link without lanes: then there are streams.
      if (!(error instanceof GhostError)) this.#options.fault(GhostError.from(error));
    }
  }

  /** For when there is none any more. */
  async lost(device: string): Promise<void> {
    this.#ways.forget(device);
    (await this.#lanes)?.forget(device);
  }

  /** Listens no more until the next device is reached; resolves when all lanes that others have opened have ended. */
  async close(): Promise<void> {
    const lanes = this.#lanes;
    this.#lanes = undefined;
    await (await lanes)?.close();
  }

  /** A device may have been removed, and forgotten, while its certificate was read. */
  async #forgetRemoved(lanes: Lanes, device: string): Promise<void> {
    if (!await this.#options.isPaired(device)) lanes.forget(device);
  }

  /** For `device`, which may have been the last one, and removed. @throws {GhostError} `DEVICE_NOT_FOUND`. */
  async #listen(device: string): Promise<Lanes> {
    if (!await this.#options.isPaired(device)) {
      throw new GhostError("DEVICE_NOT_FOUND", "Cannot go on: the device was removed");
    }
    return await (this.#lanes ??= this.#openLanes());
  }

  async #openLanes(): Promise<Lanes> {
    const { port, networks: texts, serve, fault } = this.#options;
    const networks = new Networks(texts);
    const { rates = new Rates(() => new Rate(LANE_RATE, MAX_LANE_BURST)) } = this.#options;
    return await Lanes.open({
      id: await this.#options.ownId(),
      hostname: networks.isLoopbackOnly ? "127.0.0.1" : "0.0.0.0",
      port: port === 0 ? 0 : port + 1,
      admits: (address) => networks.has(address) && rates.of(address).allows(),
      serve,
      fault,
    });
  }

  async #hostsOf(device: string): Promise<string[]> {
    return (await this.#options.addressesOf(device)).map((address) =>
      address.slice(0, address.lastIndexOf(":"))
    );
  }
}
