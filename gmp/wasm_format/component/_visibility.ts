import { type Extern, type Externs, needsName, partsOf, stepsOf, type TypeEntity } from "./resolved_types.ts";
import type { Validation } from "./_validation.ts";

/** Types that have a name outside of the component. */
export type NamedTypes = Set<TypeEntity>;

/**
 * Whether all records, variants, enums, flags and resources in an import or export have names outside (component-model, "External
 * Visibility of Types"): they are in one of `named`.
 */
export function isVisible(validation: Validation, extern: Extern, named: readonly NamedTypes[]): boolean {
  return new Visibility(validation, named).extern(extern);
}

/** Adds the types that an import or export gives names to. */
export function nameTypes(validation: Validation, extern: Extern, named: NamedTypes): void {
  validation.take();
  if (extern.sort === "type") {
    if (needsName(extern.type)) named.add(extern.type);
  } else if (extern.sort === "instance") {
    for (const inner of extern.exports.values()) nameTypes(validation, inner, named);
  }
}

class Visibility {
  readonly #validation: Validation;
  readonly #named: readonly NamedTypes[];
  /** What was found to be visible. */
  readonly #visible = new Set<TypeEntity>();

  constructor(validation: Validation, named: readonly NamedTypes[]) {
    this.#validation = validation;
    this.#named = named;
  }

  extern(extern: Extern): boolean {
    switch (extern.sort) {
      case "func":
        return this.#parts(extern.type);
      case "type":
        return this.#typeExtern(extern.type);
      case "instance":
        return this.#exports(extern.exports);
      default:
        return true; // a component's own names are checked where it is defined, or its type
    }
  }

  /** A type gets a name of its own, so that only its parts must have one. */
  #typeExtern(type: TypeEntity): boolean {
    if (typeof type === "string" || type.kind === "component") return true;
    return type.kind === "instance" ? this.#exports(type.exports) : this.#parts(type);
  }

  /** The exports of an instance may use the types that it exports before them. */
  #exports(exports: Externs): boolean {
    const own: NamedTypes = new Set();
    const inner = new Visibility(this.#validation, [...this.#named, own]);
    for (const extern of exports.values()) {
      if (!inner.extern(extern)) return false;
      nameTypes(this.#validation, extern, own);
    }
    return true;
  }

  #parts(type: Parameters<typeof partsOf>[0]): boolean {
    this.#validation.take(stepsOf(type));
    return partsOf(type).every((part) => this.#type(part));
  }

  #type(type: TypeEntity): boolean {
    if (typeof type === "string" || this.#visible.has(type)) return true;
    if (type.kind === "instance" || type.kind === "component") return true; // no value has them in it
    this.#validation.take(1 + this.#named.length);
    if (this.#named.some((named) => named.has(type))) return true;
    if (needsName(type) || !this.#parts(type)) return false;
    this.#visible.add(type);
    return true;
  }
}
