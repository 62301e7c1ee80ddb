import { pause } from "../../gmp/async/pause.ts";
import { say } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { GhostError } from "../../gmp/errors.ts";
import { startDaemon } from "../start/start.ts";
import { connect } from "./connect.ts";
import { DEVICE, LINK_NETWORKS, LINK_PORT } from "./options.ts";
import { startLinkIfAny } from "./start.ts";

/** Milliseconds that a device has to be back, and between two looks for it. */
const RETURN_TIME = 60_000;
const RETURN_INTERVAL = 500;

/**
 * `gpmd restart`. A daemon in the background is started again by this process; one of `gpmd start -nd`, as a service has it,
 * by that, with its link: otherwise it would be no service any more.
 */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const device = invocation.get(DEVICE);
  if (device !== undefined) return await restartDevice(device, invocation, settings);
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
 * Stops the daemon. Resolves to `"restarts"` if whoever started it starts it again; to `"stopped"` when its ports and its
 * store are free; to `"gone"` if none runs.
 */
async function stop(
  invocation: Invocation,
  settings: Settings,
): Promise<"restarts" | "stopped" | "gone"> {
  try {
    await using gpmd = await connect(settings, { reads: true });
    const { chooseLink } = await import("./link.ts");
    await chooseLink(gpmd, invocation); // remembered, for whoever starts the link
    if (await gpmd.restart()) return "restarts";
    await gpmd.kill().catch((error) => {
      if (!isError(error, "CONNECTION_LOST")) throw error; // one of before knew no restart, and has stopped
    });
    return "stopped";
  } catch (error) {
    if (isError(error, "GPMD_NOT_RUNNING")) return "gone";
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

/** `gpmd --device=DEVICE restart`: only what runs there can start it again. */
async function restartDevice(device: string, invocation: Invocation, settings: Settings): Promise<number> {
  const chosen = [LINK_PORT, LINK_NETWORKS].find((option) => invocation.has(option));
  if (chosen !== undefined) {
    throw new UsageError(`--${chosen.name} is for this device's own GPMD`, "gpmd restart");
  }
  {
    await using gpmd = await connect(settings, { device, reads: true });
    if (!await gpmd.restart()) {
      throw new GhostError(
        "BAD_ARGUMENTS",
        `Cannot restart GPMD of ${device}: nothing there would start it again; gpmd service --install there makes it a service`,
      );
    }
  }
  for (const late = AbortSignal.timeout(RETURN_TIME);;) {
    try {
      await using _gpmd = await connect(settings, { device, reads: true });
      say(`GPMD of ${device} has been restarted.`);
      return 0;
    } catch (error) {
      if (late.aborted || isError(error, "GPMD_NOT_RUNNING")) throw error;
    }
    await pause(RETURN_INTERVAL, late);
  }
}

function isError(error: unknown, code: GhostError["code"]): boolean {
  return error instanceof GhostError && error.code === code;
}
