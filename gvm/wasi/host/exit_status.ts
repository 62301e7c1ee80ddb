/** Thrown through a guest by `proc_exit`, so that it unwinds. An exit is a result, not a trap. */
export class ExitStatus extends Error {
  override readonly name = "ExitStatus";

  /** Exits with `code`, 0 for success, up to 2**32 - 1. */
  constructor(readonly code: number) {
    super(`The program exited with code ${code}`);
  }
}
