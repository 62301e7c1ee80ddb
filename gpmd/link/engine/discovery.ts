import { mdns } from "@libp2p/mdns";
import { start, stop } from "@libp2p/interface";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { GhostError } from "../../../gmp/errors.ts";
import { SILENT } from "./_libp2p.ts";
import {
  type DeviceAddress,
  parseDeviceAddress,
  writeDeviceAddress,
} from "../../../gmp/device/device_address.ts";

/** The service by which links find each other; not that of all programs with libp2p. */
const SERVICE = "_ghost-link._udp.local";
/** The port of mDNS. */
const PORT = 5353;
/** Milliseconds between two questions to the network. */
const QUERY_INTERVAL = 10_000;

/** What {@linkcode startDiscovery} needs. */
interface DiscoveryOptions {
  /** This device's own key's fingerprint. */
  readonly ownId: string;
  /** Where it listens now. */
  addresses(): readonly string[];
  /** The device `id` says that it listens at `addresses`; anybody on the network can say so. */
  found(id: string, addresses: readonly string[]): void;
}

/**
 * Tells other links of the network by mDNS where this one listens, and is told. It is not a part of libp2p's node, which
 * would keep all that anybody on the network says.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` without the permission for its port: Deno would end the process over that.
 */
export async function startDiscovery(
  { ownId, addresses, found }: DiscoveryOptions,
): Promise<AsyncDisposable> {
  const { state } = await Deno.permissions.query({ name: "net", host: `0.0.0.0:${PORT}` });
  if (state !== "granted") {
    throw new GhostError(
      "BAD_ARGUMENTS",
      `Cannot find devices by mDNS: this program may not use port ${PORT}`,
    );
  }
  const getAddresses = () => addresses().map((text) => multiaddrOf(parseDeviceAddress(text)!, ownId));
  const service = mdns({ serviceTag: SERVICE, interval: QUERY_INTERVAL })({
    // The one method of it that is called.
    addressManager: { getAddresses } as Parameters<ReturnType<typeof mdns>>[0]["addressManager"],
    logger: SILENT,
  });
  service.addEventListener("peer", ({ detail: { id, multiaddrs } }) => {
    found(id.toString(), multiaddrs.flatMap((address) => addressOf(address) ?? []).map(writeDeviceAddress));
  });
  await start(service);
  return { [Symbol.asyncDispose]: () => stop(service) };
}

function multiaddrOf({ hostname, port }: DeviceAddress, id: string): Multiaddr {
  return multiaddr(`/ip4/${hostname}/tcp/${port}/p2p/${id}`);
}

function addressOf(address: Multiaddr): DeviceAddress | undefined {
  const parts = new Map(address.getComponents().map(({ name, value }) => [name, value]));
  return parseDeviceAddress(`${parts.get("ip4")}:${parts.get("tcp")}`);
}
