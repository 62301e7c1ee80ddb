import { isAddress } from "./networks.ts";

/** Addresses of one device that are kept: a laptop with containers and a VPN has a dozen. */
export const MAX_ADDRESSES = 16;

/** Where a device listens. */
export interface DeviceAddress {
  /** Its address, of IPv4. */
  readonly hostname: string;
  /** The port, 1 to 65535. */
  readonly port: number;
}

/** The address in `192.168.1.20:5990`; `undefined` for anything else. */
export function parseDeviceAddress(text: string): DeviceAddress | undefined {
  const [hostname = "", digits = "", ...rest] = text.split(":");
  const port = /^[1-9]\d{0,4}$/.test(digits) ? Number(digits) : 0;
  return isAddress(hostname) && port > 0 && port < 65_536 && rest.length === 0
    ? { hostname, port }
    : undefined;
}

/** The text that {@linkcode parseDeviceAddress} parses. */
export function writeDeviceAddress({ hostname, port }: DeviceAddress): string {
  return `${hostname}:${port}`;
}
