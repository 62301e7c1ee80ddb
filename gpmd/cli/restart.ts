import { say } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { GhostError } from "../../gmp/errors.ts";
import { startDaemon } from "../start/start.ts";
import { connect } from "./connect.ts";
import { startLinkIfAny } from "./start.ts";

/** `gpmd restart`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const stopped = await stop(settings);
  await startDaemon(settings);
  say(stopped ? "GPMD has been restarted." : "GPMD was not running; it is now, in the background.");
  await startLinkIfAny(invocation, settings);
  return 0;
}

/** Stops the daemon, if it runs; resolves to whether it did when its ports and its store are free. */
async function stop(settings: Settings): Promise<boolean> {
  try {
    await using gpmd = await connect(settings, { reads: true });
    await gpmd.kill();
    return true;
  } catch (error) {
    if (error instanceof GhostError && error.code === "GPMD_NOT_RUNNING") return false;
    throw error;
  }
}
