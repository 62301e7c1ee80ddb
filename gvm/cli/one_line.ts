import { columns, complain } from "../../gmp/command/console.ts";
import { type Invocation, JSON_OUTPUT } from "../../gmp/command/program.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import type { StdinSource } from "../calls/module_run.ts";
import type { GhostNode } from "../node/ghost_node.ts";
import { evaluate, type ReplConsole } from "../repl/evaluate.ts";
import { showErrorWithLine } from "../repl/language/caret.ts";
import { TextError } from "../../gmp/types/text_error.ts";
import type { Call, Expression, Run } from "../repl/language/syntax.ts";
import { errorText } from "../repl/lines.ts";
import { ModuleExit, startTarget } from "../repl/start_target.ts";
import { processExitCode } from "./exit_code.ts";
import { QUIET, RAW } from "./options.ts";
import { StandardConsole } from "./repl_console.ts";
import { standardInput } from "./standard_input.ts";
import { type Target, targetOf } from "./target.ts";

/** Does the line of `gvm run` until `signal`; returns the exit code. @throws {GhostError} with `--json`. */
export async function doOneLine(
  expression: Expression,
  node: GhostNode,
  invocation: Invocation,
  signal: AbortSignal,
): Promise<number> {
  const target = targetOf(expression, invocation);
  const raw = invocation.has(RAW);
  if (invocation.has(JSON_OUTPUT)) {
    if (raw) throw new UsageError("--json and --raw do not go together");
    return await inJson(expression, target, node, signal);
  }
  const options = { keepGoing: false, complain, columns: columns("stderr") };
  const console = new StandardConsole(node, options, undefined, ["stdin", "stdout", "stderr"]);
  try {
    if (target === undefined) await evaluate(expression, node, console, signal);
    else await doTarget(target, node, console, { signal, raw, quiet: raw || invocation.has(QUIET) });
    return 0;
  } catch (error) {
    if (error instanceof ModuleExit) return processExitCode(error.code);
    if (signal.aborted) return 1;
    if (error instanceof TextError) {
      const { position, message } = error;
      complain(showErrorWithLine(invocation.operands[0]!, position, message, columns("stderr")));
    } else complain(errorText(error, columns("stderr")));
    return 1;
  }
}

async function inJson(
  expression: Expression,
  target: Target | undefined,
  node: GhostNode,
  signal: AbortSignal,
): Promise<number> {
  const { doInJson } = await import("./json_line.ts");
  try {
    return await doInJson(expression, target, node, signal);
  } catch (error) {
    if (signal.aborted) return 1;
    if (!(error instanceof TextError)) throw error;
    const { message, position } = error;
    complain(JSON.stringify({ error: { code: "BAD_ARGUMENTS", message, position } }));
    return 1;
  }
}

async function doTarget(
  { on, target, isNamed }: Target,
  node: GhostNode,
  console: ReplConsole,
  { signal, quiet, raw }: { readonly signal: AbortSignal; readonly quiet: boolean; readonly raw: boolean },
): Promise<void> {
  await connect(node, on, signal);
  if (isNamed && !quiet) console.print(`ID:  ${crypto.randomUUID()}`);
  const where = on === undefined ? {} : { on };
  await startTarget(target, node, console, {
    ...where,
    signal,
    stdin: inputOf(target),
    input: standardInput,
    spaced: !isNamed,
    quiet,
    raw,
  });
}

/** Connects to `on`, unless it is this node. */
export async function connect(node: GhostNode, on: string | undefined, signal: AbortSignal): Promise<void> {
  if (on !== undefined && on !== node.name) await node.connect(on, { signal });
}

/** Standard input, for a module. */
export function inputOf(target: Run | Call): StdinSource | undefined {
  return target.kind === "run" ? standardInput() : undefined;
}
