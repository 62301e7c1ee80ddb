import { Timer } from "../../gmp/async/timer.ts";
import type { Channel } from "../../gmp/channel/channel.ts";
import { GhostError } from "../../gmp/errors.ts";
import { PIPE_BYTES } from "../../gmp/messages/device.ts";
import type { LinkConnection } from "./link_connection.ts";

/** Milliseconds until a device that does not answer counts as unreachable; a node waits a minute for a module. */
const REACH_TIME = 8000;

/**
 * Connections to the GPMDs of other devices. The daemon dials nobody: its link connects to it, and pipes what follows to
 * the other device.
 */
export class DeviceReach {
  readonly #link: LinkConnection;
  /** Those that the link was asked for, by token. */
  readonly #awaited = new Map<string, (channel: Channel) => void>();

  /** Asks `link`. */
  constructor(link: LinkConnection) {
    this.#link = link;
  }

  /** The link has connected `channel` for `token`. @throws {GhostError} `BAD_REQUEST` when nobody waits for it. */
  arrived(token: Uint8Array, channel: Channel): void {
    const key = token.toHex();
    const take = this.#awaited.get(key);
    this.#awaited.delete(key);
    if (take === undefined) throw new GhostError("BAD_REQUEST", "Cannot connect: nobody has asked for this");
    take(channel);
  }

  /**
   * A connection to the GPMD of `device`, which serves what it grants this one; the caller closes it.
   *
   * @throws {GhostError} `LINK_NOT_RUNNING`, `DEVICE_NOT_FOUND`, `DEVICE_UNREACHABLE`.
   */
  async open(device: string): Promise<Channel> {
    const token = crypto.getRandomValues(new Uint8Array(PIPE_BYTES));
    const { promise: channel, resolve, reject } = Promise.withResolvers<Channel>();
    this.#awaited.set(token.toHex(), resolve);
    const unreachable = () =>
      new GhostError("DEVICE_UNREACHABLE", `Cannot reach "${device}": it does not answer`);
    const timer = new Timer(REACH_TIME, () => reject(unreachable()));
    const asked = this.#link.ask("device.reach", { device, token }, { timeout: REACH_TIME });
    asked.catch(reject);
    try {
      // Until the link has answered, it reads what is sent.
      return (await Promise.all([channel, asked]))[0];
    } catch (error) {
      channel.then((arrived) => arrived.close(), () => {}); // it may have come before the link failed
      throw error;
    } finally {
      timer.cancel();
      this.#awaited.delete(token.toHex());
    }
  }

  /** The devices that can be reached now; none while there is no link. */
  async devices(): Promise<string[]> {
    if (!this.#link.running) return [];
    const { devices } = await this.#link.ask("device.list", {}, { timeout: REACH_TIME });
    return devices.filter(({ reachable }) => reachable).map(({ name }) => name);
  }
}
