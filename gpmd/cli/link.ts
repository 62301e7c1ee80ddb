import { complain, isTerminal } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { GpmdClient } from "../client/client.ts";
import type { LinkState } from "../client/client_types.ts";
import { DEFAULT_LINK_SETTINGS } from "../link/link_settings.ts";
import { launchLink } from "../start/launch_link.ts";
import { connect } from "./connect.ts";
import { LINK_NETWORKS, LINK_PORT } from "./options.ts";

/** Connects to the daemon, and sees to it that its link runs if a device is paired. */
export async function connectWithLink(settings: Settings): Promise<GpmdClient> {
  const gpmd = await connect(settings, { reads: true });
  try {
    if (await hasDevices(settings)) await ensureLink(gpmd, settings);
    return gpmd;
  } catch (error) {
    await gpmd.close();
    throw error;
  }
}

/**
 * Starts the link of the daemon unless it runs; anew with what is chosen in `invocation`, which the daemon remembers, or
 * when it could not dial `ports` of another device.
 *
 * @throws {GhostError} as `launchLink`.
 */
export async function ensureLink(
  gpmd: GpmdClient,
  settings: Settings,
  invocation?: Invocation,
  ports: readonly number[] = [],
): Promise<void> {
  const before = await gpmd.linkSettings();
  const { running, ...link } = await chooseLink(gpmd, invocation, portsBeside(before, ports)) ?? before;
  const isAsBefore = link.port === before.port && `${link.networks}` === `${before.networks}` &&
    `${link.dialled ?? []}` === `${before.dialled ?? []}`;
  if (running && isAsBefore) return;
  const progress = new FetchProgress();
  try {
    await launchLink(settings, { link, fetching: (packages) => progress.show(packages) });
  } finally {
    progress.end();
  }
}

/** What a person is told while packages are fetched: that they are, and at a terminal how many by now. */
class FetchProgress {
  #isTold = false;

  show(packages: number): void {
    const line = "fetching libp2p (39 MB), once";
    if (isTerminal("stderr")) {
      Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${line}: ${packages} packages`));
    } else if (!this.#isTold) {
      complain(line);
    }
    this.#isTold = true;
  }

  end(): void {
    if (this.#isTold && isTerminal("stderr")) Deno.stderr.writeSync(new TextEncoder().encode("\n"));
  }
}

/**
 * Starts the link where a device is paired, or invited: that one runs. Elsewhere the daemon only remembers what is chosen for
 * it.
 */
export async function startLink(invocation: Invocation, settings: Settings): Promise<void> {
  await using gpmd = await connect(settings, { reads: true });
  const isNeeded = await hasDevices(settings) || (await gpmd.linkSettings()).running;
  if (isNeeded) await ensureLink(gpmd, settings, invocation);
  else await chooseLink(gpmd, invocation);
}

/** The ports that are dialled beside the usual ones, if `ports` are more than those `before`. */
function portsBeside({ dialled = [] }: LinkState, ports: readonly number[]): number[] | undefined {
  const all = new Set([...dialled, ...ports.filter((one) => one !== DEFAULT_LINK_SETTINGS.port)]);
  return all.size === dialled.length ? undefined : [...all];
}

/** Has the daemon remember what is chosen for its link, if anything is. */
export async function chooseLink(
  gpmd: GpmdClient,
  invocation: Invocation | undefined,
  dialled?: readonly number[],
): Promise<LinkState | undefined> {
  const [port, networks] = [invocation?.get(LINK_PORT), invocation?.get(LINK_NETWORKS)];
  if (port === undefined && networks === undefined && dialled === undefined) return undefined;
  return await gpmd.linkSettings({
    ...port !== undefined && { port },
    ...networks !== undefined && { networks },
    ...dialled !== undefined && { dialled },
  });
}

/** Whether the store names a paired device: then its link is to run. */
async function hasDevices({ home }: Settings): Promise<boolean> {
  try {
    return JSON.parse(await Deno.readTextFile(`${home}/link/devices.json`)).devices?.length !== 0;
  } catch (error) {
    // What is wrong with a file that is there the link says itself.
    return !(error instanceof Deno.errors.NotFound);
  }
}

/** True for the error of a daemon that has no link. */
export function isWithoutLink(error: unknown): boolean {
  return error instanceof GhostError && error.code === "LINK_NOT_RUNNING";
}

/** Rethrows `error`; where there is no link, no device is paired, so `device` is not. */
export function notPaired(error: unknown, device: string): never {
  if (!isWithoutLink(error)) throw error;
  throw new GhostError("DEVICE_NOT_FOUND", `Cannot find "${device}": no device is paired with this one`);
}
