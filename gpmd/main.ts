/**
 * The command `gpmd`: starts and stops the daemon, shows what it knows, and publishes modules. See `gpmd --help`.
 *
 * @module
 */
import type { Invocation } from "../gmp/command/program.ts";
import { runProgram } from "../gmp/command/run_program.ts";
import { settingsOf } from "../gmp/command/settings_options.ts";
import { processEnvironment } from "../gmp/device/deno_process.ts";
import { GPMD, type GpmdCommand } from "./cli/commands.ts";
import { DAEMON_SUBCOMMAND, thisIsGpmd } from "./daemon/daemon_command.ts";

/** Runs the command with `args` and returns its exit code. */
async function main(args: readonly string[]): Promise<number> {
  return await runProgram(GPMD, {
    run,
    hidden: new Map([[DAEMON_SUBCOMMAND, runDaemon]]),
    known: {
      nodes: async () => (await import("./cli/known_names.ts")).KNOWN_NAMES.nodes(),
      modules: async () => (await import("./cli/known_names.ts")).KNOWN_NAMES.modules(),
    },
  }, args);
}

async function run(command: GpmdCommand, invocation: Invocation): Promise<number> {
  const settings = settingsOf(invocation);
  if (command.keeps.includes("run")) processEnvironment();
  for (const name of ["env", "write", "ffi"] as const) Deno.permissions.revokeSync({ name });
  if (!command.keeps.includes("run")) Deno.permissions.revokeSync({ name: "run" });
  return await (await command.load()).run(invocation, settings);
}

async function runDaemon([settings = ""]: readonly string[]): Promise<number> {
  return await (await import("./cli/compiled_daemon.ts")).runCompiledDaemon(settings);
}

if (import.meta.main) {
  thisIsGpmd();
  Deno.exit(await main(Deno.args));
}
