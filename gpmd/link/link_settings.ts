import { PRIVATE_NETWORKS } from "../../gmp/device/networks.ts";
import type { LinkSettings } from "../../gmp/messages/device.ts";

/** The port on which a device is reached by default. */
const DEFAULT_LINK_PORT = 5990;

/** What is in force until something else is chosen: the private ranges of IPv4, and loopback. */
export const DEFAULT_LINK_SETTINGS: LinkSettings = {
  port: DEFAULT_LINK_PORT,
  networks: PRIVATE_NETWORKS,
};

/** Networks that may be named at most: each is part of a flag of a process. */
export const MAX_NETWORKS = 64;

/** Ports of other devices that are dialled beside the usual one and this device's own: each is part of a flag, too. */
export const MAX_DIALLED_PORTS = 16;

/** True for a port that can be chosen: the lane has the next one. */
export function isLinkPort(port: unknown): port is number {
  return Number.isInteger(port) && Number(port) >= 0 && Number(port) < 65_535;
}
