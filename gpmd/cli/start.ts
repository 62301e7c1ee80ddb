import { GhostError } from "../../gmp/errors.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { startAttachedDaemon, startDaemon } from "../start/start.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { print } from "../../gmp/command/console.ts";
import { NON_DETACHED } from "./options.ts";

/** `gpmd start`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  if (invocation.has(NON_DETACHED)) return await runAttached(settings);
  const { pid, alreadyRunning } = await startDaemon(settings);
  print(alreadyRunning ? alreadyRuns(pid) : "GPMD is running in the background.");
  return 0;
}

/**
 * Stays until the daemon ends. The daemon is a process of its own here too: this one may read every file and run
 * programs, and permissions can be revoked but not narrowed to the daemon's two ports and one directory.
 */
async function runAttached(settings: Settings): Promise<number> {
  let child: Deno.ChildProcess | undefined;
  let stopped = false;
  const stop = () => {
    stopped = true;
    if (child !== undefined) terminate(child);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, stop);
  try {
    child = (await startAttachedDaemon(settings, { echo: true })).process;
    if (stopped) stop();
    return (await child.status).code;
  } catch (error) {
    if (!(error instanceof GhostError) || typeof error.details?.pid !== "number") throw error;
    print(alreadyRuns(error.details.pid));
    return 0;
  } finally {
    for (const signal of signals) Deno.removeSignalListener(signal, stop);
  }
}

function terminate(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended by itself, as at a terminal's Ctrl-C
  }
}

function alreadyRuns(pid: number): string {
  return `GPMD is already running with pid ${pid}.`;
}
