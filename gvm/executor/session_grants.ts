import { functionGrants, runGrants } from "../../gmp/grants/what.ts";
import { Granted, notGranted } from "../../gmp/grants/granted.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { Identity } from "../../gmp/handshake/identity.ts";
import type { SessionGrant } from "../../gmp/messages/grants.ts";
import { showName } from "../../gmp/types/quote.ts";
import { checkHashName } from "../../gmp/names.ts";
import type { ExactModule } from "../engine/compiled_module.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";

/** What a call or a run may use: its grant's limits where they are below the node's own. */
export interface GrantedLimits {
  /** Milliseconds. */
  readonly time: number;
  /** Bytes, if they are fewer than the node's own limit. */
  readonly memory: number | undefined;
}

/**
 * What the caller of one session may do (docs/security.md, "Who may call what"). The node counts its changes: the executor
 * learns the latest number from shared memory at each call, and the list itself by a message, which may come a moment later.
 */
export class SessionGrants {
  readonly #caller: Identity;
  readonly #limits: ExecutionLimits;
  readonly #latest: () => number;
  readonly #usual: GrantedLimits;
  /** Nothing for a caller that may do anything: the node itself. */
  #granted: Granted | undefined;
  #revision: number;
  #changed: PromiseWithResolvers<void> | undefined;

  /**
   * What `caller` may do within `limits`: `grants` as of `revision`, or anything when they are left out. `latest` returns the
   * number of the latest change.
   */
  constructor(
    caller: Identity,
    limits: ExecutionLimits,
    { grants, revision }: { readonly grants?: readonly SessionGrant[]; readonly revision: number },
    latest: () => number,
  ) {
    this.#caller = caller;
    this.#limits = limits;
    this.#usual = { time: limits.time, memory: undefined };
    this.#granted = grants === undefined ? undefined : new Granted(grants);
    this.#revision = revision;
    this.#latest = latest;
  }

  /** Whether there is anything that the caller may not do. */
  get restricted(): boolean {
    return this.#granted !== undefined;
  }

  /** The number of the change that its list is of; what it allows to all is allowed for good. */
  get revision(): number {
    return this.#granted === undefined ? Infinity : this.#revision;
  }

  /** The number of the latest change; what was checked at that number, or later, need not be checked again. */
  get latest(): number {
    return this.#latest();
  }

  /** A promise while a change has been announced whose list has yet to come. */
  get coming(): Promise<void> | undefined {
    if (this.#granted === undefined || this.#latest() <= this.#revision) return undefined;
    return (this.#changed ??= Promise.withResolvers()).promise;
  }

  /** The list as of `revision`. */
  change(grants: readonly SessionGrant[], revision: number): void {
    this.#granted = new Granted(grants);
    this.#revision = revision;
    if (this.#latest() > revision) return; // the next one is on its way
    this.#changed?.resolve();
    this.#changed = undefined;
  }

  /** The limits of a function; its refusal if it is not granted. */
  ofFunction(module: string, name: string): GrantedLimits | GhostError {
    return this.#of(functionGrants(module, name), () => `call ${module}.${showName(name)}`);
  }

  /** The limits of a run of `module`, perhaps one that the caller has brought; its refusal if it is not granted. */
  ofRun(module: string, brought = false): GrantedLimits | GhostError {
    if (brought) return this.ofShipped();
    return this.#of(runGrants(module), () => `run ${module}`);
  }

  /** Exactly the module with that hash, which comes from another device if it must and the caller may bring modules. */
  exactly(hash: string | undefined): ExactModule | undefined {
    if (hash === undefined) return undefined;
    const elsewhere = !(this.ofShipped() instanceof GhostError);
    return { hash: checkHashName(hash), elsewhere, device: this.#caller.device };
  }

  /** What `found` resolves to. @throws {GhostError} `NOT_GRANTED` when it is not here and the caller may bring none. */
  async orRefuse<T>(exactly: ExactModule | undefined, found: Promise<T>): Promise<T> {
    try {
      return await found;
    } catch (error) {
      const isMissing = error instanceof GhostError && error.code === "MODULE_NOT_FOUND";
      if (isMissing && exactly?.elsewhere === false) allowed(this.ofShipped());
      throw error;
    }
  }

  /** The limits of a module that the caller has brought, whatever it is called and whatever of it is used. */
  ofShipped(): GrantedLimits | GhostError {
    return this.#of(["ship"], () => "run a module of its own");
  }

  /** The refusal of a caller that may neither call nor run anything; nothing for any other. */
  get refusal(): GhostError | undefined {
    if (this.#granted === undefined || this.#granted.allowsCalls) return undefined;
    return notGranted(this.#caller, "load files", "*");
  }

  #of(wanted: readonly string[], action: () => string): GrantedLimits | GhostError {
    if (this.#granted === undefined) return this.#usual;
    const grant = this.#granted.find(wanted);
    if (grant === undefined) return notGranted(this.#caller, action(), wanted[0]!);
    const { time = Infinity, memory = Infinity } = grant;
    return {
      time: Math.min(time, this.#limits.time),
      memory: memory < this.#limits.memory ? memory : undefined,
    };
  }
}

/** `limits`, unless they are a refusal. @throws {GhostError} `NOT_GRANTED`. */
export function allowed(limits: GrantedLimits | GhostError): GrantedLimits {
  if (limits instanceof GhostError) throw limits;
  return limits;
}
