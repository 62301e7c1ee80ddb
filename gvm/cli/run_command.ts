import { columns, complain } from "../../gmp/command/console.ts";
import { type Invocation, JSON_OUTPUT } from "../../gmp/command/program.ts";
import { checkLimits } from "../engine/execution_limits.ts";
import { spawnSpare } from "../executors/executor_spawn.ts";
import { parse } from "../repl/language/parser.ts";
import { limitsIn } from "./commands.ts";
import { targetOf } from "./target.ts";
import { usualLimits } from "./usual_limits.ts";

/**
 * `gvm run`. The executor starts while the rest of the command is loaded: the line's own, or, for a line that runs on
 * another node, the one that connects them. Returns the exit code.
 */
export async function runLine(invocation: Invocation): Promise<number> {
  const line = parse(invocation.operands[0]!);
  if (!line.ok) {
    const { position, message } = line.error;
    if (invocation.has(JSON_OUTPUT)) {
      complain(JSON.stringify({ error: { code: "BAD_ARGUMENTS", message, position } }));
    } else {
      const { showErrorWithLine } = await import("../repl/language/caret.ts");
      complain(showErrorWithLine(line.text, position, message, columns("stderr")));
    }
    return 1;
  }
  const target = targetOf(line.expression, invocation);
  const kind = target?.target.kind;
  const limits = checkLimits({
    ...usualLimits(kind, invocation.has(JSON_OUTPUT)),
    ...limitsIn(invocation),
  });
  if (target !== undefined) spawnSpare({ limits });
  const { runNode } = await import("./node_commands.ts");
  return await runNode(invocation, { expression: line.expression, limits });
}
