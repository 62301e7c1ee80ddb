import { isNetwork } from "../../gmp/device/networks.ts";
import type { LinkSettings } from "../../gmp/messages/device.ts";
import { GhostError } from "../../gmp/errors.ts";
import { DEFAULT_LINK_SETTINGS, isLinkPort, MAX_DIALLED_PORTS, MAX_NETWORKS } from "../link/link_settings.ts";
import { replaceFile, statIfThere } from "../../gmp/device/durable.ts";
import { storeFault } from "../store/_fault.ts";

/** The file of the link's settings in the store, beside the link's own directory: it must not widen its permissions. */
const FILE = "link.json";
/** Bytes of it at most: as many networks as may be named fit. */
const MAX_FILE_SIZE = 16_384;
const FORMAT = 1;

/** The settings with which this device's link is started, in the store at `home`. @throws {GhostError} `STORE_FAULT`. */
export async function readLinkSettings(home: string): Promise<LinkSettings> {
  const path = `${home}/${FILE}`;
  try {
    const info = await statIfThere(path);
    if (info === undefined) return DEFAULT_LINK_SETTINGS;
    if (!info.isFile || info.size > MAX_FILE_SIZE) throw unusable(path);
    const { format, port, networks, dialled = [], relay = false } = JSON.parse(await Deno.readTextFile(path));
    const isList = Array.isArray(networks) && networks.every((one) => typeof one === "string") &&
      Array.isArray(dialled);
    if (format !== FORMAT || !isList || typeof relay !== "boolean") throw unusable(path);
    return checkLinkSettings({ port, networks, dialled, relay });
  } catch (error) {
    throw error instanceof SyntaxError
      ? unusable(path)
      : storeFault(`read the link's settings "${path}"`, error);
  }
}

/**
 * The settings in the store at `home` after `change`, which is remembered there; one change at a time.
 *
 * @throws {GhostError} `BAD_ARGUMENTS`, `STORE_FAULT`.
 */
export async function changeLinkSettings(
  home: string,
  { port, networks, dialled, relay }: Partial<LinkSettings>,
): Promise<LinkSettings & { readonly relay: boolean }> {
  const known = await readLinkSettings(home);
  const settings = {
    port: port ?? known.port,
    networks: networks ?? known.networks,
    dialled: dialled ?? known.dialled,
    relay: relay ?? known.relay ?? false,
  };
  const isChanged = [port, networks, dialled, relay].some((one) => one !== undefined);
  if (isChanged) await writeLinkSettings(home, settings);
  return settings;
}

async function writeLinkSettings(home: string, settings: LinkSettings): Promise<void> {
  const text = `${JSON.stringify({ format: FORMAT, ...checkLinkSettings(settings) })}\n`;
  try {
    await replaceFile(home, FILE, new TextEncoder().encode(text), () => {});
  } catch (error) {
    throw storeFault("change the link's settings", error);
  }
}

function checkLinkSettings({ port, networks, dialled = [], relay }: LinkSettings): LinkSettings {
  if (!isLinkPort(port)) {
    throw new GhostError(
      "BAD_ARGUMENTS",
      `Cannot use "${port}" as the link's port: it is not from 0 to 65534`,
    );
  }
  const wrong = networks.find((one) => !isNetwork(one));
  if (wrong !== undefined) {
    const form = "it must be an address or a subnet, such as 192.168.1.0/24";
    throw new GhostError("BAD_ARGUMENTS", `Cannot use "${wrong.slice(0, 80)}" as a network: ${form}`);
  }
  if (networks.length === 0 || networks.length > MAX_NETWORKS) {
    throw new GhostError(
      "BAD_ARGUMENTS",
      `Cannot use ${networks.length} networks: it must be 1 to ${MAX_NETWORKS}`,
    );
  }
  if (dialled.length > MAX_DIALLED_PORTS || !dialled.every((one) => isLinkPort(one) && one !== 0)) {
    const most = `it must be at most ${MAX_DIALLED_PORTS} ports from 1 to 65534`;
    throw new GhostError(
      "BAD_ARGUMENTS",
      `Cannot dial the ports ${dialled.slice(0, 80).join(", ")}: ${most}`,
    );
  }
  return { port, networks, dialled, relay };
}

function unusable(path: string): GhostError {
  return new GhostError(
    "STORE_FAULT",
    `Cannot use "${path}": it does not have the link's settings; remove it`,
  );
}
