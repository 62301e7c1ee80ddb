import { dropSpare, spawnSpare } from "../executors/executor_spawn.ts";
import { parse } from "../repl/language/parser.ts";
import { checkLimits } from "../engine/execution_limits.ts";
import type { GvmOptions } from "./options.ts";

/** `gvm run`. The executor that a call here needs starts while the rest of the command is loaded. Returns the exit code. */
export async function runLine(options: GvmOptions): Promise<number> {
  const line = parse(options.words[0]!);
  const isLocal = line.ok && (line.expression.kind === "call" || line.expression.kind === "run");
  if (isLocal) spawnSpare({ limits: checkLimits(options.limits) });
  try {
    return await (await import("./node_commands.ts")).runNode(options);
  } finally {
    dropSpare();
  }
}
