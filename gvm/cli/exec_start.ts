import { dropSpare, spawnSpare } from "../executors/executor_spawn.ts";
import { checkLimits, type ExecutionLimits, GREATEST_LIMITS } from "../engine/execution_limits.ts";
import type { GvmOptions } from "./options.ts";

/** `gvm exec`. Its executor starts while the rest of the command is loaded. Returns the exit code. */
export async function startExec(options: GvmOptions): Promise<number> {
  const limits = limitsOf(options);
  spawnSpare(limits);
  try {
    return await (await import("./exec_command.ts")).runExec(options, limits);
  } finally {
    dropSpare();
  }
}

/** A person waits for it, so nothing but the person ends it, unless a limit was asked for. */
function limitsOf({ limits }: GvmOptions): ExecutionLimits {
  return checkLimits({ time: GREATEST_LIMITS.time, output: GREATEST_LIMITS.output, ...limits });
}
