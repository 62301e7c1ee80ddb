import type { request } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { DeviceDescription } from "../../gmp/messages/device.ts";
import { askDevice } from "./ask_device.ts";
import type { LinkHost } from "./engine/link_host.ts";

/** The devices that are paired with this one, as the link finds and asks them. */
export class PairedDevices {
  readonly #host: Promise<LinkHost>;

  /** Those of `host`, once it has started. */
  constructor(host: Promise<LinkHost>) {
    this.#host = host;
  }

  /** The device of that name. @throws {GhostError} `DEVICE_NOT_FOUND`. */
  async named(name: string): Promise<DeviceDescription> {
    const found = (await this.#host).devices().find((device) => device.name === name);
    if (found !== undefined) return found;
    throw new GhostError(
      "DEVICE_NOT_FOUND",
      `Cannot find "${name}": no device of that name is paired with this one`,
    );
  }

  /** The device `id`. @throws {GhostError} `DEVICE_NOT_FOUND`. */
  async withId(id: string): Promise<DeviceDescription> {
    const found = (await this.#host).devices().find((device) => device.id === id);
    if (found !== undefined) return found;
    throw new GhostError("DEVICE_NOT_FOUND", "Cannot go on: the device was removed");
  }

  /** Asks the device `id`. @throws {GhostError} `DEVICE_NOT_FOUND`, and as {@linkcode askDevice}. */
  async ask<Name extends Parameters<typeof request>[1]>(
    id: string,
    name: Name,
    fields: Parameters<typeof request<Name>>[2],
    signal?: AbortSignal,
  ): ReturnType<typeof request<Name>> {
    const device = await this.withId(id);
    return await askDevice((await this.#host).channel(device.name), name, fields, signal);
  }
}
