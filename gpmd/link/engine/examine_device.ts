import type { AddressFinding } from "../../../gmp/messages/device.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { parseDeviceAddress } from "../../../gmp/device/device_address.ts";
import { type Endpoint, OTHER, REFUSED } from "./endpoint.ts";
import type { Networks } from "../../../gmp/device/networks.ts";
import { reachPort } from "./reach_port.ts";

/** Milliseconds that a device has to prove its key at one address. */
const PROOF_TIME = 5000;

/** Where a device may be, and how it is reached. */
interface ExaminedDevice {
  /** Its key's fingerprint. */
  readonly id: string;
  /** Where it may listen, such as `192.168.1.20:5990`. */
  readonly addresses: readonly string[];
  /** Who may be dialled. */
  readonly networks: Networks;
  /** Where this device dials. */
  readonly endpoint: Endpoint;
}

/** What happens at each of the device's addresses when it is dialled there, all of them at once. */
export async function examineDevice(device: ExaminedDevice): Promise<AddressFinding[]> {
  return await Promise.all(
    device.addresses.map(async (address) => ({ address, state: await stateOf(address, device) })),
  );
}

async function stateOf(
  address: string,
  { id, networks, endpoint }: ExaminedDevice,
): Promise<AddressFinding["state"]> {
  const place = parseDeviceAddress(address);
  if (place === undefined || !networks.has(place.hostname)) return "outside";
  const port = await reachPort(place.hostname, place.port);
  if (port !== "open") return port;
  try {
    await endpoint.prove(id, address, AbortSignal.timeout(PROOF_TIME));
    return "works";
  } catch (error) {
    if (!(error instanceof GhostError)) return "mute";
    return error.details?.reason === REFUSED
      ? "unwelcome"
      : error.details?.reason === OTHER
      ? "other"
      : "mute";
  }
}
