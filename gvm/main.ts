/**
 * The command `gvm`: a node at a prompt, in a script, or for one line; and a runner of WASI commands. See `gvm --help`.
 *
 * @module
 */
import { VERSION } from "../gmp/version.ts";
import { complain, print } from "./cli/console.ts";
import { complaint, exitCodeOf } from "./cli/failure.ts";
import { COMPLETE_SUBCOMMAND, readOptions } from "./cli/options.ts";
import { EXECUTOR_SUBCOMMAND } from "./executors/executor_command.ts";

/** Runs the command with `args` and returns its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    if (args[0] === EXECUTOR_SUBCOMMAND) {
      const { runCompiledExecutor } = await import("./cli/compiled_executor.ts");
      return await runCompiledExecutor(args.slice(1));
    }
    if (args[0] === COMPLETE_SUBCOMMAND) {
      const { printCandidates } = await import("./cli/completions.ts");
      return await printCandidates(args.slice(1));
    }
    const options = readOptions(args);
    switch (options.command) {
      case "help":
        print((await import("./cli/usage.ts")).USAGE);
        return 0;
      case "version":
        print(`gvm ${VERSION}`);
        return 0;
      case "completions":
        return (await import("./cli/completions.ts")).printCompletions(options.words[0]!);
      case "exec":
        return await (await import("./cli/exec_start.ts")).startExec(options);
      case "run":
        return await (await import("./cli/run_command.ts")).runLine(options);
      case "repl":
        return await (await import("./cli/node_commands.ts")).runNode(options);
    }
  } catch (error) {
    complain(complaint(error));
    return exitCodeOf(error);
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
