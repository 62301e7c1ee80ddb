import { checkLimits } from "../engine/execution_limits.ts";
import { spawnSpare } from "../executors/executor_spawn.ts";
import { usualLimits } from "./usual_limits.ts";

/** Options of `gvm run` that do not change which executor it needs. */
const NEUTRAL: ReadonlySet<string> = new Set(["--json", "--quiet", "--raw"]);
/** Lines that most likely call a function, or run a module; the parser has the last word. */
const CALL = /^ *[a-z0-9][a-z0-9_-]*(?:@[\w.+-]+?)?\.[A-Za-z_$][\w$]* *\(/;
const RUN = /^ *[a-z0-9][a-z0-9_-]*(?:@[\w.+-]+)? *(?:\(|$)/;

/**
 * Starts the executor that the command line `args` will most likely need, before anything reads it properly: `gvm run` with a line
 * that calls or runs something. What it turns out not to need is killed.
 */
export function startEarlyExecutor([command, ...words]: readonly string[]): void {
  if (command !== "run") return;
  const [line, ...others] = words.filter((word) => !NEUTRAL.has(word));
  if (line === undefined || others.length > 0) return;
  const kind = CALL.test(line) ? "call" : RUN.test(line) ? "run" : undefined;
  if (kind === undefined) return;
  try {
    spawnSpare({ limits: checkLimits(usualLimits(kind, words.includes("--json"))) });
  } catch {
    // The command says what is wrong when it needs one.
  }
}
