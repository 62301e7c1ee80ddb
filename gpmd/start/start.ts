import { GhostError } from "../../gmp/errors.ts";
import { type GivenSettings, readSettings, type Settings } from "../../gmp/device/settings.ts";
import { absoluteHome } from "./absolute_home.ts";
import type { FoundDaemon, OtherThanDaemon } from "./find_daemon.ts";
import { hasEarlyDaemon, launchDaemon, type LaunchedDaemon } from "./launch.ts";
import { PID_FILE } from "../store/pid_file.ts";

/** A daemon that runs in the background. */
export interface StartedDaemon extends FoundDaemon {
  /** True when it was running before. */
  readonly alreadyRunning: boolean;
}

/**
 * Starts a daemon that outlives this process, with exactly the permissions of docs/security.md, "What each process may
 * do", unless one is running already. Needs the permission to run `deno`, and those of a {@linkcode GpmdClient}.
 *
 * @throws {GhostError} `PORT_IN_USE` when another program holds a port, `GPMD_ALREADY_RUNNING` when a daemon with other
 * ports has the store, `BAD_ARGUMENTS`, `STORE_FAULT` when the store cannot be used.
 *
 * @example
 * ```ts
 * import { startDaemon } from "@ghost/network/gpmd";
 *
 * const { pid, alreadyRunning } = await startDaemon();
 * console.log(alreadyRunning ? `GPMD runs already with pid ${pid}` : `GPMD runs from now on with pid ${pid}`);
 * ```
 */
export async function startDaemon(given: GivenSettings = {}): Promise<StartedDaemon> {
  const settings = await settingsOf(given);
  const found = hasEarlyDaemon(settings) ? undefined : await lookForDaemon(settings);
  if (typeof found === "object") return { ...found, alreadyRunning: true };
  try {
    const { process, ...daemon } = await launchDaemon(settings, { attached: false, echo: false });
    process.unref();
    return { ...daemon, alreadyRunning: false };
  } catch (error) {
    const held = error instanceof GhostError && error.code === "PORT_IN_USE";
    if (held && found === "silent") throw silent(settings.commandPort);
    // If nothing answered a moment ago, another start may have been faster than this one.
    const winner = held && found === undefined ? await waitForDaemon(settings) : undefined;
    if (typeof winner === "object") return { ...winner, alreadyRunning: true };
    throw held ? await explained(error) : error;
  }
}

/**
 * Starts a daemon that stops with this process; with `echo` it also logs to this process's standard error. The caller
 * awaits `process.status`. Needs what {@linkcode startDaemon} needs.
 *
 * @throws {GhostError} as {@linkcode startDaemon}; `GPMD_ALREADY_RUNNING` also for a daemon on the same ports.
 *
 * @example
 * ```ts
 * import { isGhostError } from "@ghost/network";
 * import { startAttachedDaemon } from "@ghost/network/gpmd";
 *
 * try {
 *   const { pid, process } = await startAttachedDaemon({}, { echo: true });
 *   console.log(`GPMD runs with pid ${pid}`);
 *   await process.status;
 * } catch (error) {
 *   if (!isGhostError(error) || error.code !== "GPMD_ALREADY_RUNNING") throw error;
 *   console.log(error.message); // GPMD is already running with pid 4242
 * }
 * ```
 */
export async function startAttachedDaemon(
  given: GivenSettings = {},
  { echo = false }: { echo?: boolean } = {},
): Promise<LaunchedDaemon> {
  return await startAttached(given, { echo, restartable: false });
}

/**
 * As {@linkcode startAttachedDaemon}; with `restartable` the caller starts it again when it ends with `RESTART_EXIT_CODE`,
 * as `gpmd restart` asks.
 *
 * @throws {GhostError} as {@linkcode startAttachedDaemon}.
 */
export async function startAttached(
  given: GivenSettings,
  { echo, restartable }: { readonly echo: boolean; readonly restartable: boolean },
): Promise<LaunchedDaemon> {
  const settings = await settingsOf(given);
  const found = await lookForDaemon(settings);
  if (typeof found !== "object") {
    try {
      return await launchDaemon(settings, { attached: true, echo, restartable });
    } catch (error) {
      const held = error instanceof GhostError && error.code === "PORT_IN_USE";
      if (held && found === "silent") throw silent(settings.commandPort);
      throw held ? await explained(error) : error;
    }
  }
  const { pid } = found;
  throw new GhostError("GPMD_ALREADY_RUNNING", `GPMD is already running with pid ${pid}`, {
    details: { pid },
  });
}

/** A `PORT_IN_USE` that says who holds the port. */
async function explained(error: GhostError): Promise<GhostError> {
  return await (await import("./port_holder.ts")).withHolder(error);
}

/** What does not answer is most likely this store's daemon, stopped or starved. */
function silent(port: number): GhostError {
  const message = `Cannot start GPMD: what holds port ${port} does not answer`;
  return new GhostError("PORT_IN_USE", message, { details: { port } });
}

/** What answers at the port of commands. It asks only if a daemon has the store in use: asking takes time to load. */
async function lookForDaemon(settings: Settings): Promise<FoundDaemon | OtherThanDaemon | undefined> {
  try {
    await Deno.lstat(`${settings.home}/${PID_FILE}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
  }
  return await (await import("./find_daemon.ts")).findDaemon(settings);
}

async function waitForDaemon(settings: Settings): Promise<FoundDaemon | OtherThanDaemon | undefined> {
  return await (await import("./find_daemon.ts")).findStartingDaemon(settings);
}

/** The settings in force, with a home that means the same in every directory. */
async function settingsOf(given: GivenSettings): Promise<Settings> {
  const settings = readSettings(given, (name) => Deno.env.get(name));
  if (settings.commandPort === settings.gmpPort) {
    const { gmpPort } = settings;
    throw new GhostError("BAD_ARGUMENTS", `Cannot use port ${gmpPort} for commands and for nodes at once`);
  }
  return { ...settings, home: await absoluteHome(settings.home) };
}
