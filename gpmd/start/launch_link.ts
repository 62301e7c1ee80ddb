import { processEnvironment } from "../../gmp/device/deno_process.ts";
import { laterBundle } from "../../gmp/device/process_entry.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { linkKey } from "../../gmp/handshake/keys.ts";
import { cannotSpawn } from "../../gmp/system_fault.ts";
import type { KeeperArguments } from "../link/keeper.ts";
import { keeperCommand, linkCommand, linkSource } from "../link/link_command.ts";
import type { LinkSettings } from "../../gmp/messages/device.ts";
import { bundleLink, isBundle } from "./bundle_link.ts";
import { fetchPackages } from "./fetch_packages.ts";
import { readReport } from "./process_report.ts";

/** Milliseconds that a link has until it serves. */
const START_TIME = 60_000;

/** How a link is started. */
interface LaunchOptions {
  /** Its ports and networks. */
  readonly link: LinkSettings;
  /** Called while its packages are fetched, with how many have been asked for. */
  readonly fetching?: (packages: number) => void;
  /** Where the link and its packages are, or are to be, in one file; by default where the commands are, if they are bundled. */
  readonly bundle?: string;
}

/**
 * Starts a link for the running GPMD, with a keeper that starts it again when it dies; both end with GPMD. Resolves when
 * it serves.
 *
 * @throws {GhostError} the link's own error when it cannot start; `BAD_ARGUMENTS` or `RESOURCE_EXHAUSTED` when a process
 * cannot be started; `STORE_FAULT`; `CONNECTION_LOST` when its packages cannot be fetched.
 */
export async function launchLink(
  { home, gmpPort }: Settings,
  { link, fetching, bundle = laterBundle("link") }: LaunchOptions,
): Promise<void> {
  const key = (await linkKey(await readSecret(home, Deno))).toHex();
  const given = { home, gmpPort, key, ...link };
  const { program, args } = linkCommand(given, await prepareLink(bundle, fetching));
  const forKeeper: KeeperArguments = { program, args, line: JSON.stringify(given) };
  const input = JSON.stringify(forKeeper);
  const keeper = spawnKeeper(program);
  const written = (async () => {
    const writer = keeper.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  })().catch(() => {}); // it has ended early, and its status says so
  await readReport(keeper, keeper.stderr, { what: "the link", program, time: START_TIME });
  await written;
  keeper.unref();
}

/** Has what the link needs on this device: its packages or, at `bundle`, one file with them, whose path it returns. */
async function prepareLink(
  bundle: string | undefined,
  fetching: LaunchOptions["fetching"],
): Promise<string | undefined> {
  if (Deno.build.standalone) return undefined;
  if (bundle !== undefined && await isBundle(bundle)) return bundle;
  const source = linkSource();
  await fetchPackages(source, fetching);
  if (bundle === undefined) return undefined;
  await bundleLink(bundle, source);
  return await isBundle(bundle) ? bundle : undefined;
}

function spawnKeeper(program: string): Deno.ChildProcess {
  const keeper = keeperCommand(program);
  try {
    return new Deno.Command(keeper.program, {
      args: keeper.args,
      ...processEnvironment(),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
      cwd: "/",
    }).spawn();
  } catch (error) {
    throw cannotSpawn("the link", error, program);
  }
}
