import { say } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { GhostError } from "../../gmp/errors.ts";
import { startDaemon } from "../start/start.ts";
import { connect } from "./connect.ts";
import { startLinkIfAny } from "./start.ts";

/**
 * `gpmd restart`. A daemon in the background is started again by this process; one of `gpmd start -nd`, as a service has it,
 * by that, with its link: otherwise it would be no service any more.
 */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const stopped = await stop(invocation, settings);
  if (stopped === "restarts") {
    await awaitStart(settings);
  } else {
    await startDaemon(settings);
  }
  say(
    stopped === "gone" ? "GPMD was not running; it is now, in the background." : "GPMD has been restarted.",
  );
  if (stopped !== "restarts") await startLinkIfAny(invocation, settings);
  return 0;
}

/**
 * Stops the daemon when its ports and its store are free. Resolves to `"restarts"` if whoever started it starts it again, to
 * `"gone"` if none runs.
 */
async function stop(
  invocation: Invocation,
  settings: Settings,
): Promise<"restarts" | "stopped" | "gone"> {
  try {
    await using gpmd = await connect(settings, { reads: true });
    const { chooseLink } = await import("./link.ts");
    await chooseLink(gpmd, invocation); // remembered, for whoever starts the link
    return await gpmd.stopForRestart() ? "restarts" : "stopped";
  } catch (error) {
    if (error instanceof GhostError && error.code === "GPMD_NOT_RUNNING") return "gone";
    throw error;
  }
}

/** Waits until the daemon runs again that something else starts. */
async function awaitStart(settings: Settings): Promise<void> {
  const { awaitDaemon } = await import("../start/find_daemon.ts");
  if (await awaitDaemon(settings) !== undefined) return;
  throw new GhostError(
    "GPMD_NOT_RUNNING",
    "GPMD has been stopped, and gpmd start -nd, or the service that is, has not started it again",
  );
}
