import { note } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { printTable } from "../../gmp/command/table.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import type { DeviceDescription } from "../../gmp/messages/device.ts";
import type { GpmdClient } from "../client/client.ts";
import { connectWithLink, isWithoutLink } from "./link.ts";
import { printResult } from "./json.ts";
import { JSON_OUTPUT } from "./options.ts";

/** `gpmd device list`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  await using gpmd = await connectWithLink(settings);
  const grants = await gpmd.grants();
  const devices = (await devicesOf(gpmd)).map((device) => ({
    ...device,
    grants: grants.filter(({ subject }) => subject === device.name).map(({ what }) => what),
  }));
  if (invocation.has(JSON_OUTPUT)) {
    printResult(devices);
  } else if (devices.length === 0) {
    note("No device is paired with this one; invite one with: gpmd device invite");
  } else {
    printTable(
      ["NAME", "REACHABLE", "WAY", "PING", "MAY DO HERE", "ADDRESSES", "FINGERPRINT"],
      devices.map((device) => [
        device.name,
        reachability(device),
        device.way ?? "-",
        device.ping === undefined ? "-" : `${device.ping.toFixed(1)} ms`,
        device.grants.join(", ") || "nothing",
        device.addresses.join(" ") || "-",
        device.id,
      ]),
    );
  }
  for (const { name, removed } of devices) {
    if (removed) note(`${name} has removed this device; remove it with: gpmd device remove ${name}`);
  }
  return 0;
}

/** Where no device is paired there is no link to ask. */
async function devicesOf(gpmd: GpmdClient): Promise<DeviceDescription[]> {
  try {
    return await gpmd.devices();
  } catch (error) {
    if (isWithoutLink(error)) return [];
    throw error;
  }
}

function reachability({ reachable, removed, lastSeen }: DeviceDescription): string {
  if (reachable) return "yes";
  if (removed) return "no more";
  return lastSeen === undefined ? "not yet" : `not since ${lastSeen}`;
}
