import { GhostError } from "../../gmp/errors.ts";
import { runGrants } from "../../gmp/grants/what.ts";
import type { RunOptions } from "../engine/run.ts";
import { allowed, type SessionGrants } from "./session_grants.ts";
import type { GrantWatch } from "./watchdog.ts";

/** The options of a run that grants decide. */
interface GrantedRun extends Required<Pick<RunOptions, "terms" | "signal">> {
  readonly memory: number | undefined;
}

/** A run that is under way. */
interface RunUnderWay {
  readonly module: string;
  /** Whether the caller has brought it. */
  readonly brought: boolean;
  /** Ends it. */
  readonly revoked: AbortController;
}

/** The runs of one session, which end when the caller may no longer run what they run. */
export class GrantedRuns {
  readonly #session: number;
  readonly #grants: SessionGrants;
  readonly #watch: GrantWatch;
  /** By the numbers by which the watchdog knows them, which are below 0. */
  readonly #runs = new Map<number, RunUnderWay>();
  #last = 0;

  /** Runs of `session`, as far as `grants` allow and `watch` watches them. */
  constructor(session: number, grants: SessionGrants, watch: GrantWatch) {
    this.#session = session;
    this.#grants = grants;
    this.#watch = watch;
  }

  /** Begins a run of `module`: its options as far as grants decide them. @throws {GhostError} `NOT_GRANTED`. */
  begin(module: string, brought: boolean, signal: AbortSignal): { options: GrantedRun } & Disposable {
    const { time, memory } = allowed(this.#grants.ofRun(module, brought));
    const end = () => {};
    if (!this.#grants.restricted) {
      return { options: { terms: { time, what: 0 }, memory, signal }, [Symbol.dispose]: end };
    }
    const what = this.#last = (this.#last - 1) | 0x80000000;
    const revoked = new AbortController();
    this.#runs.set(what, { module, brought, revoked });
    this.#watch.runs(this.#session, what, brought ? ["ship"] : runGrants(module));
    return {
      options: { terms: { time, what }, memory, signal: AbortSignal.any([signal, revoked.signal]) },
      [Symbol.dispose]: () => {
        this.#runs.delete(what);
        this.#watch.forget(this.#session, what);
      },
    };
  }

  /** Ends those that the changed grants do not allow. */
  changed(): void {
    for (const { module, brought, revoked } of this.#runs.values()) {
      const limits = this.#grants.ofRun(module, brought);
      if (limits instanceof GhostError) revoked.abort(limits);
    }
  }
}
