import { runProgram } from "../../gmp/command/run_program.ts";
import { dropSpare } from "../../gmp/device/spare_process.ts";
import { GVM } from "./commands.ts";
import { EXECUTOR_SUBCOMMAND } from "../executors/executor_command.ts";

/** Runs `gvm` with `args`; returns its exit code. */
export async function runGvm(args: readonly string[]): Promise<number> {
  try {
    return await runProgram(GVM, {
      run: (command, invocation) => command.run(invocation),
      // Otherwise a process has an entry point of its own.
      hidden: new Map(Deno.build.standalone ? [[EXECUTOR_SUBCOMMAND, runExecutor]] : []),
      known: {
        nodes: async () => (await import("./known_names.ts")).KNOWN_NAMES.nodes(),
        modules: async (typed) => (await import("./known_names.ts")).KNOWN_NAMES.modules(typed),
        lines: async (typed) => await (await import("./known_names.ts")).KNOWN_NAMES.lines?.(typed) ?? [],
      },
    }, args);
  } finally {
    dropSpare(); // an executor that was started early and that nothing needed
  }
}

async function runExecutor(args: readonly string[]): Promise<number> {
  return await (await import("./compiled_executor.ts")).runCompiledExecutor(args);
}
