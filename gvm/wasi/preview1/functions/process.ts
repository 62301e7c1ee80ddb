import type { Context, Functions } from "../context.ts";
import { ERRNO, fail } from "../../host/errno.ts";
import { ExitStatus } from "../../host/exit_status.ts";
import { IGNORED_SIGNALS, LAST_SIGNAL } from "../flags.ts";

/** Added to a signal's number, gives the exit code of a process that the signal ended, as in shells. */
const SIGNAL_EXIT = 128;

/** The groups `proc_` and `sched_` of `wasi_snapshot_preview1.witx`. */
export function processFunctions({ waits }: Context): Functions {
  /** Ends the guest, which may catch the error, but then every WASI function fails. */
  const exit = (code: number): never => {
    waits.abort(new ExitStatus(code));
    return waits.check() as never;
  };

  return {
    /** `proc_exit`: ends the guest with an exit code. */
    proc_exit(code: number): void {
      exit(code);
    },

    /** `proc_raise`: does the default action of a signal; there are no handlers. */
    proc_raise(signal: number): void {
      if (signal > LAST_SIGNAL) fail(ERRNO.INVAL);
      if (!IGNORED_SIGNALS.has(signal)) exit(SIGNAL_EXIT + signal);
    },

    /** `sched_yield`: there is no other thread to yield to. */
    sched_yield(): void {},
  };
}
