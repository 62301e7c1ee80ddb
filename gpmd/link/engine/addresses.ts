import type { Multiaddr } from "@multiformats/multiaddr";
import { isAddress, isLoopback, type Networks } from "../../../gmp/device/networks.ts";

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

/**
 * Those of `texts` that are addresses in `networks`, each once, at most {@linkcode MAX_ADDRESSES}. Another device's word
 * leads to no port of this one's loopback, unless that is the only network.
 */
export function usableAddresses(texts: readonly string[], networks: Networks): string[] {
  const usable = texts.filter((text) => {
    const { hostname = "" } = parseDeviceAddress(text) ?? {};
    return networks.has(hostname) && (networks.isLoopbackOnly || !isLoopback(hostname));
  });
  return [...new Set(usable)].slice(0, MAX_ADDRESSES);
}

/** The addresses of this device's interfaces at which others can reach it: loopback only where nothing else is allowed. */
export function ownAddresses(port: number, networks: Networks): string[] {
  const own = Deno.networkInterfaces()
    .filter(({ family, address }) => family === "IPv4" && networks.has(address))
    .map(({ address }) => address);
  const outside = own.filter((address) => !isLoopback(address));
  const reachable = networks.isLoopbackOnly ? own : outside;
  return reachable.slice(0, MAX_ADDRESSES).map((hostname) => writeDeviceAddress({ hostname, port }));
}

/** The address of IPv4 that `address` begins with; nothing for one that leads over another device. */
export function hostOf(address: Multiaddr): string {
  const [first, second, third] = address.getComponents();
  const isStraight = first?.name === "ip4" && second?.name === "tcp" && third?.name !== "p2p-circuit";
  return isStraight ? first.value ?? "" : "";
}
