import type { Invocation } from "../../gmp/command/program.ts";
import { dropSpare, spawnSpare } from "../executors/executor_spawn.ts";
import { parse } from "../repl/language/parser.ts";
import { checkLimits } from "../engine/execution_limits.ts";
import { limitsIn } from "./commands.ts";

/**
 * `gvm run`. The executor for a local call starts while the rest of the command is loaded. Returns the exit
 * code.
 */
export async function runLine(invocation: Invocation): Promise<number> {
  const [text] = invocation.operands;
  const line = parse(text!);
  const isLocal = line.ok && (line.expression.kind === "call" || line.expression.kind === "run");
  if (isLocal) spawnSpare({ limits: checkLimits(limitsIn(invocation)) });
  try {
    return await (await import("./node_commands.ts")).runNode(invocation, line);
  } finally {
    dropSpare();
  }
}
