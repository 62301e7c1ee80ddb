import type { ExecutionLimits } from "./execution_limits.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import type { Watch } from "./watch.ts";

/** What all that one session runs has to keep to. */
export interface SessionRoom {
  /** The session's number, by which the watch knows it. */
  readonly session: number;
  /** Limits of every call. */
  readonly limits: ExecutionLimits;
  /** The memory of all its instances. */
  readonly memory: MemoryBudget;
  /** Told which call has the thread. */
  readonly watch: Watch;
}
