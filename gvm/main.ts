/**
 * The command `gvm`: a node at a prompt, for a script or for one line; it also runs WASI commands. See `gvm
 * --help`.
 *
 * @module
 */
import { runProgram } from "../gmp/command/run_program.ts";
import { GVM } from "./cli/commands.ts";
import { EXECUTOR_SUBCOMMAND } from "./executors/executor_command.ts";

/** Runs the command with `args` and returns its exit code. */
async function main(args: readonly string[]): Promise<number> {
  return await runProgram(GVM, {
    run: (command, invocation) => command.run(invocation),
    hidden: new Map([[EXECUTOR_SUBCOMMAND, runExecutor]]),
    known: {
      nodes: async () => (await import("./cli/known_names.ts")).KNOWN_NAMES.nodes(),
      modules: async () => (await import("./cli/known_names.ts")).KNOWN_NAMES.modules(),
    },
  }, args);
}

async function runExecutor(args: readonly string[]): Promise<number> {
  return await (await import("./cli/compiled_executor.ts")).runCompiledExecutor(args);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
