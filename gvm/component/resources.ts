import { GhostError } from "../../gmp/errors.ts";
import type { ComponentInstance } from "./component_instance.ts";
import type { HostResource } from "./host.ts";
import { trap } from "./trap.ts";

/** Told the representation of a resource that is gone, and who dropped it; a promise if the guest has to wait. */
type Destructor = (representation: number, caller: ComponentInstance | undefined) => void | Promise<void>;

/** A resource type: each instance of the component that defines it has its own (component-model, Explainer, "resource types"). */
export interface ResourceType {
  /** The name under which it was first exported or imported. */
  name: string;
  /** The instance that implements it; `undefined` if the host does. */
  readonly implementer: ComponentInstance | undefined;
  /** Told, with the representation, that the last handle is dropped. */
  readonly destructor?: Destructor | undefined;
  /** What the host implements it with. */
  readonly host?: HostResource | undefined;
}

/** Counts the borrowed handles that a call has received and not yet dropped. */
export interface BorrowScope {
  /** How many there are. */
  borrows: number;
}

/** A handle in the table of an instance (Canonical ABI, "Resource State"). */
export class ResourceHandle {
  /** Calls under way to which it is lent. */
  lends = 0;

  /** With a `scope` it is borrowed, and must be dropped before the call of that scope returns. */
  constructor(
    readonly type: ResourceType,
    /** A number of the implementing component, or an object of the host. */
    readonly representation: unknown,
    readonly scope: BorrowScope | undefined,
  ) {}
}

/** A handle to a guest's resource outside of any guest. */
export class GuestResource {
  #state: "held" | "given away" | "dropped" = "held";
  /** Calls under way to which it is lent. */
  lends = 0;

  /** Made when a handle is lifted; a borrowed one ends with the call that it came with. */
  constructor(
    readonly type: ResourceType,
    readonly representation: number,
    readonly isOwned: boolean,
  ) {}

  /** The name of its type. */
  get name(): string {
    return this.type.name;
  }

  /** Whether it can be passed to a function. */
  get isHeld(): boolean {
    return this.#state === "held" && !(this.type.implementer?.store.ended ?? false);
  }

  /**
   * Gives the ownership away.
   *
   * @throws {GhostError} `RESOURCE_GONE`, or `BAD_ARGUMENTS` for one that is not owned, or lent.
   */
  give(): number {
    this.check();
    if (!this.isOwned || this.lends > 0) {
      const why = this.isOwned ? "a call that has borrowed it is under way" : "it is only borrowed";
      throw new GhostError("BAD_ARGUMENTS", `Cannot give ${this.name} away: ${why}`);
    }
    this.#state = "given away";
    return this.representation;
  }

  /** It was not given away after all. */
  keep(): void {
    this.#state = "held";
  }

  /** @throws {GhostError} `RESOURCE_GONE` once it cannot be used any more. */
  check(): void {
    if (this.isHeld) return;
    const why = this.#state === "held" ? "its instance has ended" : `it was ${this.#state}`;
    throw new GhostError("RESOURCE_GONE", `Cannot use ${this.name}: ${why}`);
  }

  /** It was borrowed, and the call is over. */
  expire(): void {
    this.#state = "dropped";
  }

  /**
   * Drops it, which runs the destructor of the guest; nothing happens the second time.
   *
   * @throws what the destructor throws, and {@linkcode GuestResource.give}.
   */
  drop(): void | Promise<void> {
    if (!this.isHeld) return;
    const representation = this.give();
    this.#state = "dropped";
    return this.type.destructor?.(representation, undefined);
  }
}

/** The handle `index` of `instance`, which must be to a resource of `type`. */
export function handleOf(instance: ComponentInstance, index: number, type: ResourceType): ResourceHandle {
  return checkedHandle(instance.handles.get(index), index, type);
}

/** `entry`, if it is a handle to a resource of `type`. */
export function checkedHandle(entry: object, index: number, type: ResourceType): ResourceHandle {
  if (!(entry instanceof ResourceHandle)) trap(`handle index ${index >>> 0} is not a resource`);
  if (entry.type !== type) trap(`handle index ${index >>> 0} used with the wrong type`);
  return entry;
}
