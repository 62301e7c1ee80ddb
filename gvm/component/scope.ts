import { GhostError } from "../../gmp/errors.ts";
import type { Sort } from "../../gmp/wasm_format/component/component_reader.ts";
import type { Entities } from "./entities.ts";

/** The index spaces of a component under instantiation, or of the type of an instance (component-model, Explainer, "Index Spaces"). */
export class Scope {
  readonly #spaces = new Map<Sort, unknown[]>();

  /** A scope within `parent`. */
  constructor(readonly parent: Scope | undefined) {}

  /** Gives `value` the next index of its sort. */
  add<S extends Sort>(sort: S, value: Entities[S]): void {
    const space = this.#spaces.get(sort);
    if (space === undefined) this.#spaces.set(sort, [value]);
    else space.push(value);
  }

  /** The definition with that index. @throws {GhostError} `NOT_A_MODULE` if there is none. */
  get<S extends Sort>(sort: S, index: number): Entities[S] {
    const space = this.#spaces.get(sort);
    if (space === undefined || index >= space.length) invalid(`there is no ${sort} ${index}`);
    return space[index] as Entities[S];
  }

  /** The scope `count` levels further out. */
  outer(count: number): Scope {
    let scope: Scope | undefined = this as Scope;
    for (; count > 0; count--) scope = scope?.parent;
    return scope ?? invalid("an alias refers to what is outside of the component");
  }
}

/** Refuses a component that is not valid. */
export function invalid(reason: string): never {
  throw new GhostError("NOT_A_MODULE", `Cannot use the component: ${reason}`);
}
