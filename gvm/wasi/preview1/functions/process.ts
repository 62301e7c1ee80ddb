import type { Context, Functions } from "../context.ts";
import { ERRNO, fail } from "../../host/errno.ts";
import { ExitStatus } from "../../host/exit_status.ts";
import { IGNORED_SIGNALS, LAST_SIGNAL } from "../flags.ts";

/** Exit codes above this are 128 and the number of the signal that ended the process, as shells have it. */
const SIGNAL_EXIT = 128;

/** The groups `proc_` and `sched_` of `wasi_snapshot_preview1.witx`. */
export function processFunctions({ waits }: Context): Functions {
  /** Ends the guest, which may catch what is thrown but then gets no further function of WASI to run. */
  const exit = (code: number): never => {
    waits.abort(new ExitStatus(code));
    return waits.check() as never;
  };

  return {
    /** `proc_exit`: ends the guest with an exit code. */
    proc_exit(code: number): void {
      exit(code);
    },

    /** `proc_raise`: does what a signal does that is not handled; there are no handlers. */
    proc_raise(signal: number): void {
      if (signal > LAST_SIGNAL) fail(ERRNO.INVAL);
      if (!IGNORED_SIGNALS.has(signal)) exit(SIGNAL_EXIT + signal);
    },

    /** `sched_yield`: there is no other thread to yield to. */
    sched_yield(): void {},
  };
}
