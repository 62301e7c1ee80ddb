import { GhostError } from "../../gmp/errors.ts";
import { functionGrants } from "../../gmp/grants/what.ts";
import { limitedTo, type ResolvedFunction } from "../engine/resolved_functions.ts";
import type { Session } from "../engine/session.ts";
import type { CallTerms } from "../engine/watch.ts";
import type { GrantedLimits, SessionGrants } from "./session_grants.ts";
import type { GrantWatch } from "./watchdog.ts";

/** A function that the caller has looked up, with what it was granted when that was last checked. */
export interface HeldFunction {
  /** The function, with the instance for its memory limit. */
  resolved: ResolvedFunction;
  /** The terms of its calls. */
  terms: CallTerms;
  /** The change of grants up to which it is allowed; below 0 if it is refused. */
  revision: number;
}

/** The functions that the caller of one session holds, by their handles. */
export class HeldFunctions {
  readonly #session: Session;
  readonly #grants: SessionGrants;
  readonly #watch: GrantWatch;
  readonly #held: HeldFunction[] = [];

  /** None yet. */
  constructor(session: Session, grants: SessionGrants, watch: GrantWatch) {
    this.#session = session;
    this.#grants = grants;
    this.#watch = watch;
  }

  /** Holds `resolved` from now on. @throws {GhostError} `NOT_GRANTED`. */
  hold(resolved: ResolvedFunction): void {
    const { handle } = resolved;
    if (this.#held[handle] === undefined) {
      this.#held[handle] = { resolved, terms: { time: 0, what: 0 }, revision: -1 };
      if (this.#grants.restricted) {
        this.#watch.runs(this.#session.number, handle + 1, grantsFor(resolved));
      }
    }
    const refusal = this.#check(this.#held[handle]);
    if (refusal !== undefined) throw refusal;
  }

  /** The function with that handle. @throws {GhostError} `FUNCTION_NOT_FOUND`. */
  get(handle: number): HeldFunction {
    const held = this.#held[handle];
    if (held !== undefined) return held;
    throw new GhostError("FUNCTION_NOT_FOUND", `Cannot call: handle ${handle} is not known`);
  }

  /**
   * The terms of what `resolved` leads to besides its calls: the destructor of what it returned, which may run when the
   * function is no longer granted.
   */
  termsOf({ handle }: ResolvedFunction): CallTerms {
    const { terms, revision } = this.get(handle);
    return revision < 0 ? { ...terms, what: 0 } : terms;
  }

  /** Grants have changed: checks every function, ends the calls that wait without a grant, and drops unused instances. */
  changed(): void {
    const refused = new Map<number, GhostError>();
    const kept = new Set<string>();
    for (const held of this.#held) {
      if (held === undefined) continue; // it was resolved, and refused by the time it was loaded
      const refusal = this.#check(held);
      if (refusal === undefined) kept.add(held.resolved.instanceKey);
      else refused.set(held.resolved.handle, refusal);
    }
    this.#session.sift(({ handle }) => refused.get(handle), kept);
  }

  /** Why `resolved` may not be called now, if it may not. */
  refusal(resolved: ResolvedFunction): GhostError | undefined {
    const limits = this.#limitsOf(resolved);
    return limits instanceof GhostError ? limits : undefined;
  }

  #limitsOf({ compiled, called }: ResolvedFunction): GrantedLimits | GhostError {
    return compiled.brought ? this.#grants.ofShipped() : this.#grants.ofFunction(compiled.name, called);
  }

  #check(held: HeldFunction): GhostError | undefined {
    const { handle } = held.resolved;
    const limits = this.#limitsOf(held.resolved);
    if (limits instanceof GhostError) {
      held.revision = -1;
      return limits;
    }
    held.resolved = limitedTo(limits.memory, held.resolved);
    held.terms = { time: limits.time, what: this.#grants.restricted ? handle + 1 : 0 };
    held.revision = this.#grants.revision;
    return undefined;
  }
}

/** The grants that allow `resolved`, the narrowest first. */
function grantsFor({ compiled, called }: ResolvedFunction): string[] {
  return compiled.brought ? ["ship"] : functionGrants(compiled.name, called);
}
