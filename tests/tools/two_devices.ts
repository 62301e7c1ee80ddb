/**
 * Two devices on one machine: two networks, each with its own daemon and home, and between them links that were written
 * from docs/protocol.md and share no code with ours. They lead bytes over loopback themselves, so a test can take the
 * cable out, keep a link silent, or kill it.
 */
import { Channel } from "../../gmp/channel/channel.ts";
import { answering, type Handlers, hearing, notify, request } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { LINK_KEY_NAME, linkKey } from "../../gmp/handshake/keys.ts";
import { reachGpmd } from "../../gmp/ports/reach_gpmd.ts";
import type { GhostNode } from "../../gvm/node/ghost_node.ts";
import type { GhostNodeOptions } from "../../gvm/node/node_options.ts";
import { Network } from "./network.ts";

/** A pipe or an offer is good for 30 seconds, in milliseconds. */
const OFFER_TIME = 30_000;

/** The cable: `out` keeps bytes where they are, and links know that they reach nobody; `silent` links answer nothing. */
type Cable = "in" | "out" | "silent";

/** A device of a {@linkcode TwoDevices}. */
class Device {
  /** The connection to its GPMD. */
  channel!: Channel;
  /** What its nodes have offered to the other device, by token. */
  readonly offers = new Map<string, number>();
  /** How it answers `device.open`, if that is refused. */
  refusal: GhostError | undefined;
  /** What GPMD has asked its link for, in order. */
  readonly asked: string[] = [];

  constructor(
    /** Its network. */
    readonly network: Network,
    /** What the other device calls it. */
    readonly name: string,
  ) {}
}

/** See the head of this file. */
export class TwoDevices implements AsyncDisposable {
  readonly #devices: readonly [Device, Device];
  readonly #nodes: GhostNode[] = [];
  readonly #pipes = new Set<Deno.TcpConn>();
  readonly #doors = new Set<Deno.TcpListener>();
  readonly #leading = new Set<Promise<void>>();
  #cable: Cable = "in";
  #flow = Promise.withResolvers<void>();

  private constructor(laptop: Network, pi: Network) {
    this.#devices = [new Device(laptop, "laptop"), new Device(pi, "pi")];
    this.#flow.resolve();
  }

  /** Starts both, paired: one calls the other `laptop`, and that one calls it `pi`. */
  static async start(): Promise<TwoDevices> {
    const two = new TwoDevices(await Network.start(), await Network.start());
    await two.startLinks();
    const [laptop, pi] = two.#devices;
    for (const [own, other] of [[laptop, pi], [pi, laptop]] as const) {
      const { code } = await own.network.gpmd.invite({ lifetime: 60_000 });
      await request(own.channel, "device.paired", { device: other.name, code });
    }
    return two;
  }

  /** The device that the other one calls `laptop`. */
  get laptop(): Network {
    return this.#devices[0].network;
  }

  /** The device that the other one calls `pi`. */
  get pi(): Network {
    return this.#devices[1].network;
  }

  /** What the link of `device` was asked for, in order. */
  asked(device: "laptop" | "pi"): string[] {
    return this.#devices[device === "laptop" ? 0 : 1].asked;
  }

  /** A node of that name. */
  async node(device: "laptop" | "pi", name: string, options: GhostNodeOptions = {}): Promise<GhostNode> {
    const node = await this[device].node(name, options);
    this.#nodes.push(node);
    return node;
  }

  /** Connects both links to their GPMD. */
  async startLinks(): Promise<void> {
    const [laptop, pi] = this.#devices;
    await this.#startLink(laptop, pi);
    await this.#startLink(pi, laptop);
  }

  /** Ends the link of `device`, and with it all pipes. */
  async killLink(device: "laptop" | "pi"): Promise<void> {
    const { channel } = this.#devices[device === "laptop" ? 0 : 1];
    channel.abort(new GhostError("CONNECTION_LOST", "The link was killed"));
    await channel.closed;
    this.breakPipes();
  }

  /** Has the link of `device` refuse to open pipes with `error`, or not. */
  refuseOpen(device: "laptop" | "pi", error: GhostError | undefined): void {
    this.#devices[device === "laptop" ? 0 : 1].refusal = error;
  }

  /** Breaks every pipe, in the order in which they were dialled; the first `spared` stay. */
  breakPipes(spared = 0): void {
    for (const pipe of [...this.#pipes].slice(2 * spared)) close(pipe);
    if (spared > 0) return;
    for (const door of this.#doors) close(door);
    this.#pipes.clear();
    this.#doors.clear();
  }

  /** Resolves once every pipe is closed: what the nodes that left held is given back then. */
  async pipesClosed(): Promise<void> {
    await Promise.all(this.#leading);
  }

  /** Puts the cable in that state. When it is in again, bytes go on, and both links say that devices have changed. */
  setCable(cable: Cable): void {
    this.#cable = cable;
    if (cable !== "in") return void (this.#flow = Promise.withResolvers());
    this.#flow.resolve();
    for (const { channel } of this.#devices) notify(channel, "devices.changed", {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#flow.resolve();
    this.breakPipes();
    await Promise.all(this.#nodes.map((node) => node.close()));
    await Promise.all(this.#devices.map(({ channel }) => channel.close()));
    this.breakPipes();
    await this.pi[Symbol.asyncDispose]();
    await this.laptop[Symbol.asyncDispose]();
  }

  async #startLink(own: Device, other: Device): Promise<void> {
    const { settings, secret } = own.network.daemon;
    const place = { audience: "gpmd/nodes", port: settings.gmpPort, keyName: LINK_KEY_NAME } as const;
    const channel = own.channel = new Channel(await reachGpmd(place, await linkKey(secret)), {
      handlers: answering(this.#handlers(own, other)),
      notice: hearing({
        "nodes.changed": () => {
          if (this.#cable === "in" && other.channel?.open) notify(other.channel, "devices.changed", {});
        },
      }),
    });
    await request(channel, "device.serve", {});
  }

  #handlers(own: Device, other: Device): Handlers {
    const reach = async (what: string, device = other.name): Promise<void> => {
      own.asked.push(what);
      if (this.#cable === "silent") await this.#flow.promise;
      if (device !== other.name) throw new GhostError("DEVICE_NOT_FOUND");
      if (this.#cable === "out" || !other.channel.open) throw new GhostError("DEVICE_UNREACHABLE");
    };
    return {
      "device.discover": async () => {
        await reach("discover");
        const { names } = await request(other.channel, "node.discover", {});
        return { nodes: [{ device: other.name, names }] };
      },
      "device.invite": () => ({
        code: crypto.randomUUID(),
        addresses: [],
        expiresAt: new Date().toISOString(),
      }),
      "device.list": () => ({
        devices: [{ name: other.name, id: "key", addresses: [], since: "2026-01-01", reachable: true }],
      }),
      "device.locate": async ({ device, name, by }) => {
        await reach("locate", device);
        const asking = { device: own.name, ...by };
        const found = await request(other.channel, "node.locate", { name, by: asking });
        return { name: found.name, id: found.id, port: this.#pipeTo(found.port), ticket: found.ticket };
      },
      "device.offer": async ({ device, port }) => {
        await reach("offer", device);
        const pipe = crypto.getRandomValues(new Uint8Array(16));
        own.offers.set(pipe.toHex(), port);
        return { pipe };
      },
      "device.open": async ({ device, pipe }) => {
        await reach("open", device);
        if (own.refusal !== undefined) throw own.refusal;
        const offered = other.offers.get(pipe.toHex());
        other.offers.delete(pipe.toHex());
        return { port: this.#pipeTo(offered) };
      },
    };
  }

  /** A loopback port, good once, that leads to `target`, or nowhere. */
  #pipeTo(target: number | undefined): number {
    const door = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#doors.add(door);
    const late = setTimeout(() => close(door), OFFER_TIME);
    const lead = async (near: Deno.TcpConn) => {
      this.#pipes.add(near);
      close(door);
      await this.#flow.promise;
      const far = await Deno.connect({ hostname: "127.0.0.1", port: target ?? 0 }).catch((error) => {
        close(near);
        throw error;
      });
      this.#pipes.add(far);
      for (const side of [near, far]) side.setNoDelay(true);
      await Promise.all([this.#lead(near, far), this.#lead(far, near)]);
    };
    door.accept().then((near) => {
      const led = lead(near).catch(() => {}).finally(() => this.#leading.delete(led));
      this.#leading.add(led);
      return led;
    }).catch(() => {}).finally(() => {
      clearTimeout(late);
      this.#doors.delete(door);
    });
    return door.addr.port;
  }

  async #lead(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(1 << 16);
    try {
      for (;;) {
        const count = await from.read(buffer);
        await this.#flow.promise;
        if (count === null) break;
        for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
      }
    } catch {
      // Either side is gone: so is the other.
    }
    for (const side of [from, to]) {
      close(side);
      this.#pipes.delete(side);
    }
  }
}

function close(resource: { close(): void }): void {
  try {
    resource.close();
  } catch {
    // It was closed before.
  }
}
