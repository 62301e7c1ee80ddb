import type { CompiledModule, ExactModule } from "./compiled_module.ts";
import type { ExecutionLimits } from "./execution_limits.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import type { Provisions } from "./program_imports.ts";
import type { CallTerms, Watch } from "./watch.ts";

/** The request for which a module is loaded. */
export interface Asker {
  /** Number of its session. */
  readonly session: number;
  /** Its id. */
  readonly id: number;
}

/** What sessions share: where modules come from, the limits, the watch. */
export interface SessionHost {
  /** The module of that name, by default the latest version, or exactly the one that is meant. */
  load(
    name: string,
    version: string | undefined,
    asker: Asker,
    exactly?: ExactModule,
  ): Promise<CompiledModule>;
  /** Limits of every call. */
  readonly limits: ExecutionLimits;
  /** The memory of all sessions. */
  readonly memory: MemoryBudget;
  /** Told which call has the thread. */
  readonly watch: Watch;
  /** What all its modules are given, nothing by default. */
  readonly provisions?: Provisions | undefined;
}

/** The limits and budget for everything that one session runs. */
export interface SessionRoom {
  /** The session's number, by which the watch knows it. */
  readonly session: number;
  /** Limits of every call. */
  readonly limits: ExecutionLimits;
  /** The memory of all its instances. */
  readonly memory: MemoryBudget;
  /** Told which call has the thread. */
  readonly watch: Watch;
  /** Terms of a call that has none of its own. */
  readonly terms: CallTerms;
  /** What all its modules are given, nothing by default. */
  readonly provisions?: Provisions | undefined;
}
