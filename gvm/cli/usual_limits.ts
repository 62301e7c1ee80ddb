import { type ExecutionLimits, GREATEST_LIMITS } from "../engine/execution_limits.ts";

/**
 * The limits of what `gvm run` runs, where no option chooses others. A person or a pipe waits for a module, so only they end it;
 * one line of JSON has the limit of its output.
 */
export function usualLimits(kind: "run" | "call" | undefined, inJson: boolean): Partial<ExecutionLimits> {
  if (kind !== "run") return {};
  const { time, output } = GREATEST_LIMITS;
  return inJson ? { time } : { time, output };
}
