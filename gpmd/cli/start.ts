import { GhostError } from "../../gmp/errors.ts";
import { RESTART_EXIT_CODE } from "../daemon/restart_exit_code.ts";
import { killProcess } from "../../gmp/device/kill_process.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { startAttached, startDaemon } from "../start/start.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { complainOf, say } from "../../gmp/command/console.ts";
import { LINK_NETWORKS, LINK_PORT, NON_DETACHED } from "./options.ts";

/** `gpmd start`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  if (invocation.has(NON_DETACHED)) return await runAttached(invocation, settings);
  const needsLink = mayNeedLink(invocation, settings);
  needsLink.catch(() => {}); // told below
  const { pid, alreadyRunning } = await startDaemon(settings);
  say(alreadyRunning ? alreadyRuns(pid) : "GPMD is running in the background.");
  if (await needsLink) await startLink(invocation, settings);
  return 0;
}

/**
 * Stays until the daemon ends, and starts it again where `gpmd restart` asks for that. The daemon is a process of its own here
 * too: this one may read every file and run programs, and permissions can be revoked but not narrowed to the daemon's two ports
 * and one directory.
 */
async function runAttached(invocation: Invocation, settings: Settings): Promise<number> {
  let child: Deno.ChildProcess | undefined;
  let stopped = false;
  const stop = () => {
    stopped = true;
    if (child !== undefined) killProcess(child, "SIGTERM");
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, stop);
  try {
    for (;;) {
      child = (await startAttached(settings, { echo: true, restartable: true })).process;
      if (stopped) stop();
      await startLinkIfAny(invocation, settings).catch((error) => complainOf(error, "gpmd"));
      const { code } = await child.status;
      if (code !== RESTART_EXIT_CODE) return code;
      if (stopped) return 0;
    }
  } catch (error) {
    if (!(error instanceof GhostError) || typeof error.details?.pid !== "number") throw error;
    say(alreadyRuns(error.details.pid));
    return 0;
  } finally {
    for (const signal of signals) Deno.removeSignalListener(signal, stop);
  }
}

/** Sees to the link where a device was ever paired, or something is chosen for it; else nothing more is loaded. */
export async function startLinkIfAny(invocation: Invocation, settings: Settings): Promise<void> {
  if (await mayNeedLink(invocation, settings)) await startLink(invocation, settings);
}

async function mayNeedLink(invocation: Invocation, { home }: Settings): Promise<boolean> {
  const isChosen = invocation.get(LINK_PORT) !== undefined || invocation.get(LINK_NETWORKS) !== undefined;
  return isChosen || await isThere(`${home}/link/devices.json`);
}

async function startLink(invocation: Invocation, settings: Settings): Promise<void> {
  await (await import("./link.ts")).startLink(invocation, settings);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function alreadyRuns(pid: number): string {
  return `GPMD is already running with pid ${pid}.`;
}
