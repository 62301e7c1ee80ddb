import type { Channel } from "../../gmp/channel/channel.ts";
import { type AskOptions, notify, request } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { ReceivedReply, Request } from "../../gmp/messages/messages.ts";
import type { OperationName } from "../../gmp/messages/operations.ts";
import type { DaemonEvents } from "../events/daemon_event.ts";

/** Operations that GPMD asks its link for. */
type DeviceOperation = Extract<OperationName, `device.${string}`>;

/** The connection over which GPMD asks this device's link, the process that reaches other devices; there may be none. */
export class LinkConnection {
  readonly #events: DaemonEvents;
  #channel: Channel | undefined;

  /** None yet; `events` hears when one comes and goes. */
  constructor(events: DaemonEvents) {
    this.#events = events;
  }

  /** Whether there is one. */
  get running(): boolean {
    return this.#channel?.open === true;
  }

  /** From now on `channel` is asked; the one before is told goodbye, at which its process ends. */
  replace(channel: Channel): void {
    const older = this.#channel;
    this.#channel = channel;
    older?.close();
    this.#events.emit({ type: "link.connected" });
  }

  /** Forgets `channel`, which ended with `error`, if it is the one. */
  ended(channel: Channel, error: GhostError | undefined): void {
    if (this.#channel !== channel) return;
    this.#channel = undefined;
    this.#events.emit({ type: "link.left", reason: error?.code });
  }

  /**
   * Asks the link.
   *
   * @throws {GhostError} `LINK_NOT_RUNNING`, `CONNECTION_LOST` when it ends before it answers, and what it answers.
   */
  async ask<Name extends DeviceOperation>(
    name: Name,
    fields: Request<Name>,
    options?: AskOptions<Name>,
  ): Promise<ReceivedReply<Name>> {
    const channel = this.#channel;
    if (channel?.open !== true) throw new GhostError("LINK_NOT_RUNNING");
    return await request(channel, name, fields, options);
  }

  /** Tells the link, if there is one, that the nodes of this device are others. */
  nodesChanged(): void {
    if (this.#channel?.open === true) notify(this.#channel, "nodes.changed", {});
  }
}
