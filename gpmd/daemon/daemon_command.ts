import { denoProgram } from "../../gmp/device/deno_process.ts";
import { configFlags, processEntry } from "../../gmp/device/process_entry.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { Settings } from "../../gmp/device/settings.ts";

/** The hidden subcommand with which a compiled `gpmd` runs as the daemon. */
export const DAEMON_SUBCOMMAND = "__daemon";

/**
 * Keeps V8's space for young objects at 1 MB rather than letting it grow, so that the remains of ten thousand
 * handshakes do not hold mostly empty pages; see docs/performance.md for what a registered node costs.
 */
const V8_FLAGS = "--v8-flags=--max-semi-space-size=1";

let compiledAsGpmd = false;

/** Called by the command `gpmd` at its start: when compiled, only its binary knows {@linkcode DAEMON_SUBCOMMAND}. */
export function thisIsGpmd(): void {
  compiledAsGpmd = true;
}

/** The JSON argument of the daemon's process. */
export interface DaemonArguments extends Settings {
  /** Stop when standard input ends, as it does with the process that started it. */
  readonly attached: boolean;
  /** Log to standard error as well. */
  readonly echo: boolean;
  /** Whoever starts it will start it again when it ends with `RESTART_EXIT_CODE`. */
  readonly restartable?: boolean;
}

/**
 * The permissions of the daemon (docs/security.md, "What each process may do"), exactly: its two ports, and its store.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` for a store whose path has a comma, which Deno would read as two paths.
 */
export function daemonPermissions({ home, commandPort, gmpPort }: Settings): string[] {
  if (home.includes(",")) {
    throw new GhostError("BAD_ARGUMENTS", `Cannot use the store "${home}": its path has a comma`);
  }
  return [
    "--no-prompt",
    `--allow-net=127.0.0.1:${commandPort},127.0.0.1:${gmpPort}`,
    `--allow-read=${home}`,
    `--allow-write=${home}`,
  ];
}

/**
 * The program and arguments that start a daemon with exactly those permissions.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` as {@linkcode daemonPermissions}, and in a compiled program other than `gpmd`.
 */
export function daemonCommand(given: DaemonArguments): { program: string; args: string[] } {
  const json = JSON.stringify(given);
  if (Deno.build.standalone) {
    // Any other program would start itself again.
    if (!compiledAsGpmd) {
      throw new GhostError("BAD_ARGUMENTS", "Cannot start GPMD here; start it with: gpmd start");
    }
    return { program: Deno.execPath(), args: [DAEMON_SUBCOMMAND, json] };
  }
  const entry = processEntry("daemon", import.meta.resolve("./daemon_main.ts"));
  const flags = ["--quiet", V8_FLAGS, ...configFlags(entry), ...daemonPermissions(given)];
  const args = ["run", ...flags, entry, json];
  return { program: denoProgram(), args };
}
