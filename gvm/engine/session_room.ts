import type { CompiledModule } from "./compiled_module.ts";
import type { ExecutionLimits } from "./execution_limits.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import type { Watch } from "./watch.ts";

/** The request for which a module is loaded. */
export interface Asker {
  /** Number of its session. */
  readonly session: number;
  /** Its id. */
  readonly id: number;
}

/** What sessions share: where modules come from, the limits, the watch. */
export interface SessionHost {
  /** The module of that name, the latest version when none is given. */
  load(name: string, version: string | undefined, asker: Asker): Promise<CompiledModule>;
  /** Limits of every call. */
  readonly limits: ExecutionLimits;
  /** The memory of all sessions. */
  readonly memory: MemoryBudget;
  /** Told which call has the thread. */
  readonly watch: Watch;
}

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
