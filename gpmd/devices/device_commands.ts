import { Semaphore } from "../../gmp/async/semaphore.ts";
import type { Handlers } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { parseWhat } from "../../gmp/grants/what.ts";
import { checkDeviceName, isDeviceName } from "../../gmp/names.ts";
import type { DaemonEvents } from "../events/daemon_event.ts";
import type { DeviceGrants } from "./device_grants.ts";
import type { DeviceQuotas } from "./device_quotas.ts";
import type { DeviceReach } from "./device_reach.ts";
import type { Invitations } from "./invitations.ts";
import type { RemoteNodes } from "./remote_nodes.ts";
import type { LinkConnection } from "./link_connection.ts";
import type { Renames } from "./renames.ts";
import { changeLinkSettings } from "./link_settings_file.ts";

/** What the daemon knows of other devices. */
export interface Devices {
  /** The directory of the store. */
  readonly home: string;
  /** The connection to the link. */
  readonly link: LinkConnection;
  /** The nodes that the link reaches. */
  readonly nodes: RemoteNodes;
  /** The connections to their GPMDs. */
  readonly reach: DeviceReach;
  /** The invitations that are open. */
  readonly invitations: Invitations;
  /** What other devices may do here. */
  readonly grants: DeviceGrants;
  /** Their new names. */
  readonly renames: Renames;
  /** How much they may ask for. */
  readonly quotas: DeviceQuotas;
  /** Where events go. */
  readonly events: DaemonEvents;
}

/** What the daemon does for commands about other devices, by asking its link (docs/protocol.md, "Between GPMD and its link"). */
export function deviceHandlers({ home, link, invitations, grants, renames, events }: Devices): Handlers {
  const changes = new Semaphore(1); // of the link's settings: each begins with what the one before has left
  return {
    "device.invite": async ({ lifetime, grants: given }, { signal }) => {
      given?.forEach(parseWhat);
      invitations.checkRoom();
      const reply = await link.ask("device.invite", { lifetime }, { signal });
      invitations.add(reply.code, lifetime, given);
      return reply;
    },
    "device.join": async ({ grants: given, ...wanted }) => {
      given?.forEach(parseWhat);
      if (wanted.name !== undefined) checkDeviceName(wanted.name);
      if (wanted.as !== undefined) checkDeviceName(wanted.as);
      // Whoever asked may have gone: the link pairs all the same, and nothing that was granted to that name before may stay.
      const { formerly, ...reply } = await link.ask("device.join", wanted);
      const device = checkDeviceName(reply.device.name);
      try {
        const change = await grants.addDevice(device, given, formerly);
        events.emit({ type: "device.paired", device });
        return { ...reply, grants: change.grants.map(({ what }) => what) };
      } catch (error) {
        // It must not have what was granted to another of that name; one that was paired already keeps what it had.
        if (formerly === undefined) await link.ask("device.remove", { device }).catch(() => {});
        throw error;
      }
    },
    "device.list": async (_, { signal }) => {
      const { devices } = await link.ask("device.list", {}, { signal });
      return { devices: devices.filter(({ name }) => isDeviceName(name)) }; // others cannot be asked for
    },
    "device.rename": async ({ device, name }) => {
      checkDeviceName(device);
      checkDeviceName(name);
      await renames.rename(device, name);
      return {};
    },
    "device.remove": async ({ device }) => {
      checkDeviceName(device);
      try {
        const reply = await link.ask("device.remove", { device });
        await grants.removeDevice(device);
        events.emit({ type: "device.removed", device });
        return reply;
      } catch (error) {
        // The link may have removed it before it ended: the next device of that name must not have its grants.
        if (GhostError.from(error).code === "CONNECTION_LOST") await grants.removeDevice(device);
        throw error;
      }
    },
    "device.settings": async (change, { signal }) => {
      const settings = await changes.run(() => changeLinkSettings(home, change));
      const { relay } = change;
      // The rest is part of the permissions of the link's process, and holds when that is started anew.
      if (relay !== undefined && link.running) await link.ask("device.relay", { relay }, { signal });
      return { ...settings, running: link.running };
    },
    "device.examine": ({ device }, { signal }) => {
      checkDeviceName(device);
      return link.ask("device.examine", { device }, { signal });
    },
    "device.command": ({ device }, { signal }) =>
      link.ask("device.command", { device: checkDeviceName(device) }, { signal }),
  };
}
