import { pause } from "../../gmp/async/pause.ts";
import { type Handlers, hearing, notify } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { LinkSettings } from "../../gmp/messages/device.ts";
import { SOFTWARE } from "../../gmp/version.ts";
import { answersFor } from "./answers_for_device.ts";
import { copiedHome } from "./copied_home.ts";
import { CommandPorts } from "./command_ports.ts";
import { DeviceNodes } from "./device_nodes.ts";
import { DeviceWays } from "./device_ways.ts";
import { LinkHost } from "./engine/link_host.ts";
import { wayForGpmd } from "./enter_gpmd.ts";
import { GpmdConnection, type GpmdPlace } from "./gpmd_connection.ts";
import { Idleness } from "./idleness.ts";
import { PairedDevices } from "./paired_devices.ts";
import { Pipes } from "./pipes/pipes.ts";
import { Questions } from "./questions.ts";
import { WebEnd } from "./pipes/web_end.ts";
import { TransportEnd } from "./transport_end.ts";

/** Milliseconds that pipes have to end by themselves when GPMD has stopped. */
const LAST_WORDS_TIME = 200;

/** What a {@linkcode LinkService} needs. */
interface LinkServiceOptions extends Pick<LinkSettings, "port" | "networks">, GpmdPlace {
  /** The directory of the device's key and of the paired devices. */
  readonly directory: string;
  /** What this device is called by others unless they choose another name. */
  readonly deviceName: string;
}

/**
 * What the link does: it stands between this device's GPMD and the links of other devices, and answers both
 * (docs/protocol.md, "Between GPMD and its link" and "Between the links of two devices").
 */
export class LinkService implements AsyncDisposable {
  readonly #options: LinkServiceOptions;
  readonly #gpmd: GpmdConnection;
  readonly #pipes = new Pipes();
  readonly #commands = new CommandPorts();
  readonly #questions = new Questions();
  readonly #nodes: DeviceNodes;
  readonly #served = new Set<Promise<void>>();
  readonly #ways: DeviceWays;
  readonly #idleness = new Idleness();
  readonly #host = Promise.withResolvers<LinkHost>();
  readonly #paired = new PairedDevices(this.#host.promise);

  private constructor(options: LinkServiceOptions) {
    this.#options = options;
    this.#host.promise.catch(() => {}); // it is told to whoever asks for the host, too
    this.#gpmd = new GpmdConnection(options, {
      handlers: this.#forGpmd(),
      nodesChanged: () => this.#tellNodesChanged(),
      back: async ({ relay }) => {
        (await this.#host.promise).carryOthers(relay);
        await this.#tellNodesChanged(); // nobody has heard what changed meanwhile
      },
    });
    this.#nodes = new DeviceNodes(
      async (id) => (await this.#paired.ask(id, "node.discover", {})).names,
      () => this.#gpmd.devicesChanged(),
    );
    this.#ways = new DeviceWays({
      ...options,
      isPaired: async (id) => (await this.#host.promise).devices().some((device) => device.id === id),
      ownId: async () => (await this.#host.promise).id,
      serve: (id, end) => this.#serve(this.#pipes.serve(id, end)),
      stream: async (id, token) =>
        new WebEnd(await (await this.#host.promise).openPipe((await this.#paired.withId(id)).name, token)),
      ask: (id, offer) => this.#paired.ask(id, "lane.offer", offer),
      addressesOf: async (id) => (await this.#paired.withId(id)).addresses,
      fault: (error) => this.fault(error),
    });
  }

  /**
   * Connects to GPMD, in place of any other link, and to the paired devices.
   *
   * @throws {GhostError} `GPMD_NOT_RUNNING`, `UNAUTHENTICATED`, and as `LinkHost.start`.
   */
  static async start(options: LinkServiceOptions): Promise<LinkService> {
    const service = new LinkService(options);
    const { relay } = await service.#gpmd.connect();
    try {
      service.#host.resolve(await service.#startHost(relay));
    } catch (error) {
      service.#host.reject(error);
      await service.#gpmd.close();
      throw error;
    }
    return service;
  }

  /** Resolves when GPMD has stopped, another link has taken this one's place, or none is needed any more. */
  async ended(): Promise<void> {
    await Promise.race([this.#gpmd.ended(), this.#idleness.over]);
  }

  /** Makes `error`, which nobody has caught, an event of GPMD's. */
  fault(error: unknown): void {
    this.#gpmd.fault(error);
  }

  /** Ends all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    // What GPMD said last, as the answer to `gpmd --device=… kill`, is on its way through a pipe.
    const late = new AbortController();
    await Promise.race([Promise.all(this.#served), pause(LAST_WORDS_TIME, late.signal)]);
    late.abort();
    this.#idleness.begins(); // its timer waits for nothing any more
    this.#pipes.close();
    const host = await this.#host.promise;
    await Promise.all([this.#gpmd.close(), this.#ways.close(), host[Symbol.asyncDispose]()]);
  }

  /** Keeps `pipe`, which another device has opened, in mind until it has ended. */
  #serve(pipe: Promise<void>): void {
    const served = pipe.catch((error) => this.fault(error)).finally(() => this.#served.delete(served));
    this.#served.add(served);
  }

  #startHost(relay: boolean): Promise<LinkHost> {
    const { directory, deviceName, port, networks } = this.#options;
    return LinkHost.start({
      directory,
      deviceName,
      port,
      networks,
      relay,
      software: SOFTWARE,
      handlers: (device) => {
        const { gpmd, pipes, ways } = { gpmd: this.#gpmd, pipes: this.#pipes, ways: this.#ways };
        return this.#questions.of(device.id, answersFor(device, { gpmd, pipes, ways, place: this.#options }));
      },
      notice: (device) => hearing({ "nodes.changed": () => void this.#nodes.refresh(device.id) }),
      onPipe: (device, token, stream) => {
        this.#serve(this.#pipes.serveToken(device.id, token, new WebEnd(stream)));
      },
      events: {
        paired: async ({ name: device, id }, code, formerly) => {
          this.#pipes.closeDevice(id); // of a device that was paired already, perhaps by another name
          await this.#gpmd.askFor("device.paired", { device, code, formerly });
        },
        reachable: (device) => void this.#refresh(device),
        unreachable: (device) => void this.#forget(device),
        unpaired: (id) => void this.#unpaired(id),
        left: () => this.#gpmd.devicesChanged(),
        copied: (device) => this.fault(copiedHome(device)),
        needed: (isNeeded) => isNeeded ? this.#idleness.begins() : this.#idleness.ends(),
        fault: (error) => this.fault(error),
      },
    });
  }

  /** What GPMD asks. */
  #forGpmd(): Handlers {
    return {
      "device.invite": async ({ lifetime }) => {
        const invitation = await (await this.#host.promise).invite({ lifetime });
        return { ...invitation, expiresAt: invitation.expiresAt.toISOString() };
      },
      "device.join": async ({ code, name, as }) => {
        const host = await this.#host.promise;
        const names = { ...name === undefined ? {} : { name }, ...as === undefined ? {} : { as } };
        const before = new Map(host.devices().map(({ id, name }) => [id, name]));
        const device = await host.join(code, names);
        this.#pipes.closeDevice(device.id);
        return { device, formerly: before.get(device.id) };
      },
      "device.list": async () => ({
        devices: (await this.#host.promise).devices().map((device) =>
          device.reachable && this.#ways.hasLane(device.id) ? { ...device, way: "lane" as const } : device
        ),
      }),
      "device.rename": async ({ device, name }) => {
        const { id } = await this.#paired.named(device);
        await (await this.#host.promise).rename(device, name);
        this.#pipes.closeDevice(id); // whoever knows it by its old name must not take it for the next of that name
        this.#gpmd.devicesChanged();
        return {};
      },
      "device.remove": async ({ device }) => {
        const { name } = await this.#paired.named(device);
        await (await this.#host.promise).remove(name);
        return {};
      },
      "device.examine": async ({ device }) => {
        const { id } = await this.#paired.named(device);
        const examined = await (await this.#host.promise).examine(device);
        const { reachable, way } = examined.device;
        const lanes = reachable && way !== "relay" ? await this.#ways.examine(id) : [];
        const hasLane = reachable && this.#ways.hasLane(id);
        return { ...examined, lanes, device: { ...examined.device, ...hasLane && { way: "lane" as const } } };
      },
      "device.relay": async ({ relay }) => {
        (await this.#host.promise).carryOthers(relay);
        return {};
      },
      "device.discover": async () => {
        const devices = (await this.#host.promise).devices().filter(({ reachable }) => reachable);
        return { nodes: this.#nodes.of(devices) };
      },
      "device.locate": async ({ device, name, by }, { signal }) => {
        const { id } = await this.#paired.named(device);
        const located = await this.#paired.ask(id, "link.locate", { name, by }, signal);
        const port = await this.#open(id, located.pipe);
        return { name: located.name, id: located.id, port, ticket: located.ticket };
      },
      "device.offer": async ({ device, port }) => ({
        pipe: this.#pipes.offer((await this.#paired.named(device)).id, port),
      }),
      "device.open": async ({ device, pipe }) => ({
        port: await this.#open((await this.#paired.named(device)).id, pipe),
      }),
      "device.reach": async ({ device, token }, { signal }) => {
        const { id } = await this.#paired.named(device);
        const way = () => wayForGpmd(this.#options, token);
        const reach = async () => {
          const { pipe } = await this.#paired.ask(id, "link.command", {}, signal);
          return await this.#ways.open(id, pipe);
        };
        this.#serve((await this.#pipes.join(id, way, reach, signal)).over);
        return {}; // from here on GPMD may ask: before, its frames would have been read here
      },
      "device.command": async ({ device }, { signal }) => {
        const { id } = await this.#paired.named(device);
        const { pipe } = await this.#paired.ask(id, "link.command", {}, signal);
        return await this.#commands.open(({ transport }) => {
          const near = () => Promise.resolve(new TransportEnd(transport));
          // Where that fails the command asks again, and is told why.
          this.#pipes.join(id, near, () => this.#ways.open(id, pipe)).catch(() => transport.close());
        });
      },
    };
  }

  /** A one-shot port that leads to what the device `id` has offered as `token`. */
  #open(id: string, token: Uint8Array): Promise<number> {
    return this.#pipes.openOnce(id, () => this.#ways.open(id, token));
  }

  async #refresh(name: string): Promise<void> {
    try {
      const { id } = await this.#paired.named(name);
      void this.#ways.reached(id);
      await this.#nodes.refresh(id);
    } catch (error) {
      if (!(error instanceof GhostError)) this.fault(error);
    }
    this.#gpmd.devicesChanged();
  }

  async #forget(name: string): Promise<void> {
    for (const device of (await this.#host.promise).devices()) {
      if (device.name === name) this.#lost(device.id);
    }
  }

  #lost(id: string): void {
    this.#pipes.closeDevice(id);
    this.#nodes.forget(id);
    void this.#ways.lost(id);
  }

  async #unpaired(id: string): Promise<void> {
    this.#lost(id);
    if ((await this.#host.promise).devices().length === 0) await this.#ways.close();
  }

  async #tellNodesChanged(): Promise<void> {
    const host = await this.#host.promise;
    for (const { name, reachable } of host.devices()) if (reachable) tell(host, name);
  }
}

function tell(host: LinkHost, device: string): void {
  try {
    notify(host.channel(device), "nodes.changed", {});
  } catch (error) {
    if (!(error instanceof GhostError)) throw error; // it has gone at this moment
  }
}
