import { GhostError } from "../../gmp/errors.ts";
import { camelCase } from "../../gmp/types/camel_case.ts";
import type { ResourceTable } from "../../gmp/types/resource_table.ts";

/**
 * A resource of a component, such as a file or a counter, that a function has returned, with its methods as functions
 * with camelCase names (`gpmd wasm types` writes their types): it is in the session in which it
 * was made, and is passed to functions there. Drop it when it is of no more use, or leave that to `await using`; giving it
 * to a function that takes it for good ends it, too, and so does the end of its session or its instance.
 *
 * @example
 * ```ts
 * import { GhostNode, type Resource } from "@ghost/network";
 *
 * // Takes what a constructor of a component returns, and drops it at the end.
 * async function show(node: GhostNode, constructor: string): Promise<void> {
 *   await using resource = await node.call(constructor) as Resource;
 *   console.log(resource.name, resource.isGone);
 * }
 * ```
 */
export class Resource {
  /** Its name in the component: `counter`. */
  readonly name: string;
  /** Its number in the session, which is never used again. */
  readonly handle: number;
  #owner: ResourceOwner | undefined;

  /** A resource of `owner`. */
  constructor(owner: ResourceOwner, name: string, handle: number) {
    this.#owner = owner;
    this.name = name;
    this.handle = handle;
  }

  /** Whether it was dropped or given away, or its session has ended. */
  get isGone(): boolean {
    return this.#owner === undefined || !this.#owner.isOpen;
  }

  /** Drops it, in its session as well; nothing happens the second time. @throws {GhostError} what its destructor throws. */
  async drop(): Promise<void> {
    const owner = this.#owner;
    this.#owner = undefined;
    if (owner?.isOpen) await owner.drop(this.handle);
  }

  /** See {@linkcode Resource.drop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.drop();
  }

  /**
   * Its handle for a call in the session of `owner`; with `isGiven`, it is gone from here then.
   *
   * @internal
   */
  pass(owner: ResourceOwner, isGiven: boolean): number {
    if (this.#owner === owner && owner.isOpen) {
      if (isGiven) this.#owner = undefined;
      return this.handle;
    }
    const why = this.#owner === undefined
      ? "it was dropped or given away"
      : this.#owner.isOpen
      ? "it is in another session, or another module's"
      : "its session has ended";
    throw new GhostError("RESOURCE_GONE", `Cannot use ${this.name} ${this.handle}: ${why}`);
  }

  /**
   * It was not given to `owner` after all.
   *
   * @internal
   */
  keep(owner: ResourceOwner): void {
    this.#owner = owner;
  }
}

/** What is no method of a resource, whatever it is called. */
const OWN: ReadonlySet<string> = new Set(["name", "handle", "then"]);

/** Where resources are: one module in one session. */
interface ResourceOwner {
  /** Whether the session goes on. */
  readonly isOpen: boolean;
  /** Drops the resource with that handle. */
  drop(handle: number): Promise<void>;
}

/** For arguments that are only looked at: no resource is passed. */
export const LOOKING: ResourceTable = {
  knows: isResource,
  handleOf: () => 0,
  keep: () => {},
  valueOf: () => {
    throw new GhostError("RESOURCE_GONE");
  },
  putBack: () => {},
};

function isResource(value: object, resource: string): boolean {
  return value instanceof Resource && value.name === resource;
}

/** Calls a method of a resource, by the name by which it is called. */
export type CallMethod = (method: string, args: readonly unknown[]) => Promise<unknown>;

/** The resources of one module in a session, as its caller knows them. */
export class CallerResources implements ResourceTable, ResourceOwner {
  /** By resource, the properties that call its methods. */
  readonly #methods = new Map<string, PropertyDescriptorMap>();
  readonly #isOpen: () => boolean;
  /** See {@linkcode ResourceOwner.drop}. */
  readonly drop: (handle: number) => Promise<void>;

  /** Those of a session that goes on while `isOpen`, and that are dropped by `drop`. */
  constructor(isOpen: () => boolean, drop: (handle: number) => Promise<void>) {
    this.#isOpen = isOpen;
    this.drop = drop;
  }

  /** See {@linkcode ResourceOwner.isOpen}. */
  get isOpen(): boolean {
    return this.#isOpen();
  }

  /** See {@linkcode ResourceTable.knows}. */
  readonly knows = isResource;

  /** See {@linkcode ResourceTable.handleOf}. */
  handleOf(value: object, _resource: string, isGiven: boolean): number {
    return (value as Resource).pass(this, isGiven);
  }

  /** See {@linkcode ResourceTable.keep}. */
  keep(value: object): void {
    (value as Resource).keep(this);
  }

  /** See {@linkcode ResourceTable.valueOf}. */
  valueOf(handle: number, resource: string): object {
    const methods = this.#methods.get(resource);
    const made = new Resource(this, resource, handle);
    return methods === undefined ? made : Object.defineProperties(made, methods);
  }

  /**
   * From now on resources have these methods, such as `counter.next`, as functions with camelCase names, which `call` calls.
   * One whose name a resource has already is left out, and so is `then`: a resource is no promise.
   */
  learn(methods: readonly string[], call: CallMethod): void {
    for (const method of methods) {
      const [resource, name] = method.split(".").slice(-2);
      if (resource === undefined || name === undefined) continue;
      const property = camelCase(name);
      if (property in Resource.prototype || OWN.has(property)) continue;
      let known = this.#methods.get(resource);
      if (known === undefined) {
        this.#methods.set(resource, known = Object.create(null) as PropertyDescriptorMap);
      }
      known[property] = {
        configurable: true,
        value(...args: unknown[]) {
          return call(method, [this, ...args]);
        },
      };
    }
  }

  /** See {@linkcode ResourceTable.putBack}: nobody has seen it. */
  putBack(): void {}
}
