import type { Invocation } from "../../gmp/command/program.ts";
import { runProgram } from "../../gmp/command/run_program.ts";
import { settingsOf } from "../../gmp/command/settings_options.ts";
import { processEnvironment } from "../../gmp/device/deno_process.ts";
import { GPMD, type GpmdCommand } from "./commands.ts";
import { SERVICE_SUBCOMMAND } from "./service_subcommand.ts";
import { KEEPER_SUBCOMMAND, LINK_SUBCOMMAND } from "../link/subcommands.ts";
import { DAEMON_SUBCOMMAND, thisIsGpmd } from "../daemon/daemon_command.ts";

/** Runs `gpmd` with `args`; returns its exit code. */
export async function runGpmd(args: readonly string[]): Promise<number> {
  thisIsGpmd();
  return await runProgram(GPMD, {
    run,
    hidden: Deno.build.standalone ? OWN_PROCESSES : new Map(),
    known: {
      nodes: async () => (await import("./known_names.ts")).KNOWN_NAMES.nodes(),
      grantees: async () => await (await import("./known_names.ts")).KNOWN_NAMES.grantees!(),
      modules: async (typed) => (await import("./known_names.ts")).KNOWN_NAMES.modules(typed),
      devices: async () => (await import("./known_names.ts")).KNOWN_NAMES.devices?.() ?? [],
    },
  }, args);
}

/** The processes that a compiled binary is itself: otherwise each has an entry point of its own. */
const OWN_PROCESSES: ReadonlyMap<string, (args: readonly string[]) => Promise<number>> = new Map([
  [DAEMON_SUBCOMMAND, runDaemon],
  [LINK_SUBCOMMAND, async () => await (await import("./compiled_link.ts")).runCompiledLink()],
  [SERVICE_SUBCOMMAND, async () => await (await import("./compiled_service.ts")).runCompiledService()],
  [KEEPER_SUBCOMMAND, async () => await (await import("./compiled_link.ts")).runCompiledKeeper()],
]);

async function run(command: GpmdCommand, invocation: Invocation): Promise<number> {
  const settings = settingsOf(invocation);
  if (command.starts) processEnvironment();
  for (const name of ["env", "write", "ffi"] as const) Deno.permissions.revokeSync({ name });
  if (!command.starts) Deno.permissions.revokeSync({ name: "run" });
  return await (await command.load()).run(invocation, settings);
}

async function runDaemon([settings = ""]: readonly string[]): Promise<number> {
  return await (await import("./compiled_daemon.ts")).runCompiledDaemon(settings);
}
