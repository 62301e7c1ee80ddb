import { isTerminal } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { spawnSpare } from "../executors/executor_spawn.ts";
import { checkLimits, type ExecutionLimits, GREATEST_LIMITS } from "../engine/execution_limits.ts";
import type { InheritedStream } from "../executor/process_streams.ts";
import { limitsIn } from "./commands.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import { DIR, ENV, INVOKE } from "./options.ts";

/**
 * `gvm exec`. Its executor starts while the rest of the command is loaded. Returns the exit code.
 *
 * @throws {UsageError} for options of a run with `--invoke`.
 */
export async function startExec(invocation: Invocation): Promise<number> {
  const isCall = invocation.get(INVOKE) !== undefined;
  const needless = isCall && [DIR, ENV].find((option) => invocation.all<unknown>(option).length > 0);
  if (needless) {
    throw new UsageError(
      `--${needless.name} does not go with --invoke: only a command has directories and variables, not a function`,
      "gvm exec",
    );
  }
  const executor = isCall
    ? { limits: checkLimits(limitsIn(invocation)) }
    : { limits: limitsOf(invocation), inherited: inheritedStreams() };
  spawnSpare(executor);
  return await (await import("./exec_command.ts")).runExec(invocation, executor);
}

/**
 * The streams that the executor inherits, so that the module reads and writes them itself: files and pipes. A
 * terminal stays with this command, which Ctrl-Z stops.
 */
function inheritedStreams(): InheritedStream[] {
  return (["stdin", "stdout"] as const).filter((stream) => !isTerminal(stream));
}

/** A person waits for the run, so only the person ends it, unless limits were given. */
function limitsOf(invocation: Invocation): ExecutionLimits {
  return checkLimits({ time: GREATEST_LIMITS.time, output: GREATEST_LIMITS.output, ...limitsIn(invocation) });
}
