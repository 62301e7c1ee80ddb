import type { Asker } from "../engine/session_room.ts";

/** A report of the watchdog on the executor's standard error, one line of JSON. */
export type WatchdogReport = {
  /** Why the process must end. */
  readonly overdue: {
    /**
     * The call that exceeded its limit, or was cancelled and does not give the thread back; or those for whom
     * a module loaded longer than a call may take; or those who brought the process to its memory ceiling,
     * none if that is unknown.
     */
    readonly calls: readonly Asker[];
    /** The cause. */
    readonly reason: "time" | "loading" | "cancelled" | "memory" | "revoked";
    /** The limit that the call exceeded, in milliseconds. */
    readonly limit?: number;
    /** The grant that the call lacks, such as `math.add`. */
    readonly grant?: string;
  };
} | {
  /** From now on no call goes by grants before this change. */
  readonly revision: number;
} | {
  /** The answer to an empty line: the process is alive, whatever occupies its main thread. */
  readonly alive: true;
} | {
  /** Instead of an empty line, where no line can come: what has the main thread now had it at the one before, too. */
  readonly occupied: true;
};

/** A message to the watchdog about a load. */
export type LoadMessage =
  | { readonly load: number; readonly bytes: number }
  | { readonly load: number; readonly asker: Asker }
  | { readonly load: number; readonly ended: true };

/** A message to the watchdog about what a session runs: which grants allow it, or that it runs no more. */
export type GrantMessage =
  | { readonly session: number; readonly what: number; readonly grants: readonly string[] }
  | { readonly session: number; readonly forgotten: number | "all" };

/** A line from the node: a cancelled call; or what each session may do since a change of grants. */
export type NodeLine =
  | readonly [session: number, id: number]
  | {
    readonly revision: number;
    readonly sessions: readonly (readonly [session: number, granted: readonly string[]])[];
  };

/** The watchdog's settings; times are in milliseconds, memory in bytes. `watchdog.ts` explains each. */
export interface WatchdogStart {
  readonly shared: SharedArrayBuffer;
  readonly limit: number;
  readonly ceiling: number;
  readonly checkInterval: number;
  readonly shortestInterval: number;
  readonly fastestGrowth: number;
  readonly blamedPart: number;
  readonly greatestSwell: number;
  readonly idleChecks: number;
  readonly node: "stdin" | "stderr";
  readonly beat: number;
  readonly grace: number;
  readonly cancelledLimit: number;
  readonly storage: readonly string[];
}
