import { GhostError } from "../../gmp/errors.ts";
import type { ResourceTable } from "../../gmp/types/resource_table.ts";
import type { TakenResource } from "../../gmp/types/value_reader.ts";
import type { HeldResource } from "../engine/function_instance.ts";
import type { ResolvedFunction } from "../engine/resolved_functions.ts";

/** Most resources of one session that its caller may hold; each takes some 300 bytes, and what it stands for. */
export const SESSION_RESOURCE_LIMIT = 65_536;
/** The last handle; a session that has used them all gives out no more. */
const LAST_HANDLE = 2 ** 32 - 1;

/** What the caller holds under a handle. */
interface Entry {
  readonly value: HeldResource;
  /** What it is called in the signatures of its component. */
  readonly resource: string;
  /** The function that returned it. */
  readonly from: ResolvedFunction;
}

/** The resources that the caller of one session holds, by handles that are never used again. */
export class SessionResources {
  readonly #entries = new Map<number, Entry>();
  #last = 0;

  /** They, as `resolved` takes and returns them. */
  of(resolved: ResolvedFunction): ResourceTable {
    return {
      knows: () => true, // the engine returns nothing else
      handleOf: (value, resource) => this.#add({ value: value as HeldResource, resource, from: resolved }),
      keep: (_value, handle) => this.#entries.delete(handle),
      valueOf: (handle, resource, isGiven) => this.#use(handle, resource, isGiven, resolved),
      putBack: (...taken) => this.putBack(resolved, [taken]),
    };
  }

  /** The call that came with them has failed: what the component did not take is the caller's again. */
  putBack(resolved: ResolvedFunction, taken: readonly TakenResource[]): void {
    for (const [value, handle, resource] of taken) {
      const held = value as HeldResource;
      if (held.isHeld) this.#entries.set(handle, { value: held, resource, from: resolved });
    }
  }

  /** Takes the resource with that handle from the caller, who drops it. @throws {GhostError} `RESOURCE_GONE`. */
  take(handle: number): Entry {
    const entry = this.#get(handle);
    this.#entries.delete(handle);
    return entry;
  }

  #add(entry: Entry): number {
    if (this.#entries.size >= SESSION_RESOURCE_LIMIT) this.#forgetDead();
    if (this.#entries.size >= SESSION_RESOURCE_LIMIT || this.#last >= LAST_HANDLE) {
      throw new GhostError(
        "TOO_MANY_REQUESTS",
        `Cannot return a ${entry.resource}: the caller holds ${this.#entries.size} resources; drop some`,
        { details: { limit: SESSION_RESOURCE_LIMIT } },
      );
    }
    this.#entries.set(++this.#last, entry);
    return this.#last;
  }

  #use(handle: number, resource: string, isGiven: boolean, by: ResolvedFunction): HeldResource {
    const { value, resource: held, from } = this.#get(handle);
    if (held !== resource || from.instanceKey !== by.instanceKey) {
      const whose = from.instanceKey === by.instanceKey ? "" : " of another module";
      throw new GhostError(
        "BAD_REQUEST",
        `Cannot read the values: handle ${handle} is a ${held}${whose}, not a ${resource}`,
      );
    }
    if (isGiven) this.#entries.delete(handle);
    return value;
  }

  #get(handle: number): Entry {
    const entry = this.#entries.get(handle);
    if (entry?.value.isHeld) return entry;
    this.#entries.delete(handle);
    throw new GhostError(
      "RESOURCE_GONE",
      `Cannot use resource ${handle}: there is no such in this session now`,
      { details: { handle } },
    );
  }

  /** Those whose instance has ended are held for nothing. */
  #forgetDead(): void {
    for (const [handle, { value }] of this.#entries) if (!value.isHeld) this.#entries.delete(handle);
  }
}
