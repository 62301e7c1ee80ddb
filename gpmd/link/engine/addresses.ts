import type { Multiaddr } from "@multiformats/multiaddr";
import { MAX_ADDRESSES, parseDeviceAddress, writeDeviceAddress } from "../../../gmp/device/device_address.ts";
import { isLoopback, type Networks } from "../../../gmp/device/networks.ts";

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
