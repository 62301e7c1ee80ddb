import { processEnvironment } from "../../gmp/device/deno_process.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { hasSpare, keepSpare, takeSpare } from "../../gmp/device/spare_process.ts";
import { cannotSpawn } from "../../gmp/system_fault.ts";
import { daemonCommand } from "../daemon/daemon_command.ts";
import type { FoundDaemon } from "./find_daemon.ts";
import { readReport } from "./process_report.ts";

/** Milliseconds that a daemon has until both ports answer; on a machine under load it takes a second. */
export const START_TIME = 20_000;

/** A daemon's process that has started. */
export interface LaunchedDaemon extends FoundDaemon {
  /** The process. */
  readonly process: Deno.ChildProcess;
}

/** How a daemon's process belongs to this one. */
interface LaunchOptions {
  /** Whether it stops when its standard input ends, a pipe that closes with this process. */
  readonly attached: boolean;
  /** Whether it also logs to this process's standard error. */
  readonly echo: boolean;
  /** Whether this process starts it again when it ends with `RESTART_EXIT_CODE`. */
  readonly restartable?: boolean;
}

/** Of a daemon that outlives this process. */
const BACKGROUND: LaunchOptions = { attached: false, echo: false };

/**
 * Starts a daemon's process and waits until both ports answer.
 *
 * @throws {GhostError} the daemon's own error when it cannot start; `BAD_ARGUMENTS` or `RESOURCE_EXHAUSTED` when its
 * process cannot be started; `INTERNAL` when it ends without a word.
 */
export async function launchDaemon(settings: Settings, options: LaunchOptions): Promise<LaunchedDaemon> {
  const { program, args } = commandOf(settings, options);
  const process = takeSpare(keyOf(args)) ?? spawn(program, args, options);
  try {
    const errors = options.echo ? undefined : process.stderr;
    const report = { what: "GPMD", program, time: START_TIME };
    return { ...await readReport<Omit<FoundDaemon, "pid">>(process, errors, report), process };
  } catch (error) {
    if (options.attached) await process.stdin.close().catch(() => {}); // it ended first
    throw error;
  }
}

/** Starts a daemon's process for the {@linkcode launchDaemon} that needs one with these `settings` in the background. */
export function keepEarlyDaemon(settings: Settings): void {
  const { program, args } = commandOf(settings, BACKGROUND);
  keepSpare(keyOf(args), () => spawn(program, args, BACKGROUND));
}

/** Whether there is a process of {@linkcode keepEarlyDaemon}. */
export function hasEarlyDaemon(settings: Settings): boolean {
  return hasSpare(keyOf(commandOf(settings, BACKGROUND).args));
}

function commandOf(
  { home, commandPort, gmpPort }: Settings,
  { attached, echo, restartable = false }: LaunchOptions,
): { program: string; args: string[] } {
  return daemonCommand({ home, commandPort, gmpPort, attached, echo, ...restartable && { restartable } });
}

function keyOf(args: readonly string[]): string {
  return JSON.stringify(args);
}

function spawn(program: string, args: string[], { attached, echo }: LaunchOptions): Deno.ChildProcess {
  const output = { stdout: "piped", stderr: echo ? "inherit" : "piped" } as const;
  // Without `attached` it leaves the user's terminal session and directory.
  const life = attached ? { stdin: "piped" } as const : { stdin: "null", detached: true, cwd: "/" } as const;
  try {
    return new Deno.Command(program, { args, ...processEnvironment(), ...output, ...life }).spawn();
  } catch (error) {
    throw cannotSpawn("GPMD", error, program);
  }
}
