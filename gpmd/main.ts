/**
 * The command `gpmd`: starts and stops the daemon, shows what it knows, and publishes modules. See `gpmd --help`.
 *
 * @module
 */
import { processEnvironment } from "../gmp/device/deno_process.ts";
import { GhostError } from "../gmp/errors.ts";
import { readSettings, type Settings } from "../gmp/device/settings.ts";
import { VERSION } from "../gmp/version.ts";
import { type Command, COMPLETE_SUBCOMMAND, type Invocation } from "./cli/command.ts";
import { complain, print, printError } from "./cli/console.ts";
import { parse } from "./cli/parse.ts";
import { DAEMON_SUBCOMMAND, thisIsGpmd } from "./daemon/daemon_command.ts";
import { UsageError } from "./cli/usage_error.ts";

/** Runs the command with `args` and returns its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const [first, ...rest] = args;
    if (first === DAEMON_SUBCOMMAND) {
      return await (await import("./cli/compiled_daemon.ts")).runCompiledDaemon(rest[0] ?? "");
    }
    if (first === COMPLETE_SUBCOMMAND) return await (await import("./cli/complete.ts")).runComplete(rest);
    const request = await parse(args);
    switch (request.kind) {
      case "help":
        print((await import("./cli/help.ts")).help(request.of));
        return 0;
      case "version":
        print(`gpmd ${VERSION}`);
        return 0;
      case "run":
        return await run(request.command, request.invocation);
    }
  } catch (error) {
    return fail(error);
  }
}

async function run(command: Command, invocation: Invocation): Promise<number> {
  const settings = settingsOf(invocation);
  if (command.keeps.includes("run")) processEnvironment();
  for (const name of ["env", "write", "ffi"] as const) Deno.permissions.revokeSync({ name });
  if (!command.keeps.includes("run")) Deno.permissions.revokeSync({ name: "run" });
  return await (await command.load()).run(invocation, settings);
}

/** @throws {UsageError} for a port that is none. */
function settingsOf(invocation: Invocation): Settings {
  const given = {
    home: invocation.value("home"),
    commandPort: invocation.value("command-port"),
    gmpPort: invocation.value("gmp-port"),
  };
  try {
    return readSettings(given, (name) => Deno.env.get(name));
  } catch (error) {
    if (error instanceof GhostError) throw new UsageError(error.message);
    throw error;
  }
}

function fail(error: unknown): number {
  if (error instanceof UsageError) {
    complain(`gpmd: ${error.message}\nTry: ${error.command} --help`);
    return 2;
  }
  const { code, message } = GhostError.from(error);
  printError(code, message);
  return 1;
}

if (import.meta.main) {
  thisIsGpmd();
  Deno.exit(await main(Deno.args));
}
