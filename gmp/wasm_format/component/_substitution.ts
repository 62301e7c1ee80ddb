import {
  type Extern,
  type Externs,
  type InstanceNode,
  node,
  partsOf,
  Resource,
  stepsOf,
  type TypeEntity,
  type ValueType,
} from "./resolved_types.ts";
import type { Validation } from "./_validation.ts";

/**
 * Replaces resources, and types that are names of others, wherever they are used (component-model, "Type Checking"). What does not
 * change stays the same object, and what several types share is replaced once.
 */
export class Substitution {
  /** What each resource becomes. */
  readonly resources: Map<Resource, Resource>;
  readonly #validation: Validation;
  /** What each type becomes: given at the start, and then what has been replaced. */
  readonly #types: Map<TypeEntity, TypeEntity>;

  constructor(
    validation: Validation,
    resources: Map<Resource, Resource>,
    types: ReadonlyMap<TypeEntity, TypeEntity> = new Map(),
  ) {
    this.#validation = validation;
    this.resources = resources;
    this.#types = new Map(types);
  }

  externs(externs: Externs): Externs {
    const replaced = new Map<string, Extern>();
    for (const [name, extern] of externs) replaced.set(name, this.#extern(extern));
    return replaced;
  }

  #extern(extern: Extern): Extern {
    this.#validation.take();
    switch (extern.sort) {
      case "core module":
        return extern;
      case "instance":
        return { sort: "instance", exports: this.externs(extern.exports) };
      case "func":
        return { sort: "func", type: this.#type(extern.type) };
      case "component":
        return { sort: "component", type: this.#type(extern.type) };
      case "type":
        return { sort: "type", type: this.#type(extern.type) };
    }
  }

  #type<T extends TypeEntity>(type: T): T {
    if (typeof type === "string") return type;
    const known = this.#types.get(type);
    if (known !== undefined) return known as T;
    // A name may be of a name, and so on, thousands of times: the first one is replaced first, so that none recurses into another.
    const names: Exclude<TypeEntity, string>[] = [type];
    for (let one = type.original; typeof one === "object" && !this.#types.has(one); one = one.original) {
      names.push(one);
    }
    for (const one of names.reverse()) this.#types.set(one, this.#withOriginal(this.#replace(one)));
    return this.#types.get(type) as T;
  }

  /** What a type gives another name to has been replaced before it. */
  #withOriginal(type: TypeEntity): TypeEntity {
    if (typeof type === "string" || type.original === undefined) return type;
    const original = this.#types.get(type.original) ?? type.original;
    return original === type.original ? type : { ...type, original };
  }

  #replace(type: Exclude<TypeEntity, string>): TypeEntity {
    this.#validation.take(stepsOf(type));
    switch (type.kind) {
      case "resource": {
        const id = this.resources.get(type.id);
        return id === undefined ? type : { ...type, id };
      }
      case "instance":
        return node({ ...type, exports: this.externs(type.exports) });
      case "component":
        return node({ ...type, imports: this.externs(type.imports), exports: this.externs(type.exports) });
      case "func":
        return this.#unlessSame(type, {
          ...type,
          parameters: type.parameters.map(([name, type]) => [name, this.#type(type)] as const),
          result: this.#optional(type.result),
        });
      case "list":
        return this.#unlessSame(type, { ...type, element: this.#type(type.element) });
      case "record":
        return this.#unlessSame(type, {
          ...type,
          fields: type.fields.map(([name, type]) => [name, this.#type(type)] as const),
        });
      case "tuple":
        return this.#unlessSame(type, { ...type, types: type.types.map((type) => this.#type(type)) });
      case "variant":
        return this.#unlessSame(type, {
          ...type,
          cases: type.cases.map(([name, type]) => [name, this.#optional(type)] as const),
        });
      case "option":
        return this.#unlessSame(type, { ...type, type: this.#type(type.type) });
      case "result":
        return this.#unlessSame(type, {
          ...type,
          ok: this.#optional(type.ok),
          error: this.#optional(type.error),
        });
      case "own":
      case "borrow":
        return this.#unlessSame(type, { ...type, resource: this.#type(type.resource) });
      case "stream":
      case "future":
        return this.#unlessSame(type, { ...type, type: this.#optional(type.type) });
      case "map":
        return this.#unlessSame(type, { ...type, key: this.#type(type.key), value: this.#type(type.value) });
      case "enum":
      case "flags":
        return type;
    }
  }

  #optional(type: ValueType | null): ValueType | null {
    return type === null ? null : this.#type(type);
  }

  #unlessSame<T extends Parameters<typeof partsOf>[0]>(type: T, replaced: T): T {
    const [before, after] = [partsOf(type), partsOf(replaced)];
    return before.every((part, index) => part === after[index]) ? type : replaced;
  }
}

/** The exports of a new instance of a type, with resources of its own, which `made` is told. */
export function openInstance(
  validation: Validation,
  type: InstanceNode,
  made: (resource: Resource) => void,
): Externs {
  if (type.bound.length === 0) return type.exports;
  validation.take(type.bound.length);
  const resources = new Map<Resource, Resource>();
  for (const bound of type.bound) {
    const fresh = new Resource();
    resources.set(bound, fresh);
    made(fresh);
  }
  return new Substitution(validation, resources).externs(type.exports);
}
