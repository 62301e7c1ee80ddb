import {
  type ComponentNode,
  describeEntity,
  type Extern,
  type Externs,
  type FunctionNode,
  type InstanceNode,
  type Resource,
  type ResourceNode,
  stepsOf,
  type TypeEntity,
  type ValueNode,
  type ValueType,
} from "./resolved_types.ts";
import { moduleMismatch } from "./_core_types.ts";
import { showName } from "../../types/quote.ts";
import type { Validation } from "./_validation.ts";

/** Why something does not match; `undefined` if it does. */
type Mismatch = string | undefined;

/**
 * Whether what is given is of the type that is expected, which may leave open which resources it is about: those that are in `open`
 * become the first ones given for them (component-model, "Type Checking"). Every method returns why it is not.
 */
export class Matching {
  readonly #validation: Validation;
  readonly #open: Set<Resource>;
  /** What the open resources became. */
  readonly resources: Map<Resource, Resource>;
  /** The given types, by the expected ones that name them. */
  readonly types = new Map<TypeEntity, TypeEntity>();
  /** Pairs of value types that were found to be the same. */
  readonly #same = new Map<ValueNode, Set<ValueNode>>();

  constructor(
    validation: Validation,
    open: Iterable<Resource>,
    resources: ReadonlyMap<Resource, Resource> = new Map(),
  ) {
    this.#validation = validation;
    this.#open = new Set(open);
    this.resources = new Map(resources);
  }

  /** Imports or exports: each that is expected must be given. */
  externs(expected: Externs, given: Externs): Mismatch {
    for (const [name, type] of expected) {
      const other = given.get(name);
      if (other === undefined) return `${showName(name)} is missing`;
      const mismatch = this.extern(type, other);
      if (mismatch !== undefined) return `of ${showName(name)}: ${mismatch}`;
    }
    return undefined;
  }

  extern(expected: Extern, given: Extern): Mismatch {
    this.#validation.take();
    if (expected.sort !== given.sort) return `it is a ${given.sort}, not a ${expected.sort}`;
    switch (expected.sort) {
      case "core module":
        return moduleMismatch(this.#validation, expected.type, (given as typeof expected).type);
      case "func":
        return this.#function(expected.type, (given as typeof expected).type);
      case "component":
        return this.#component(expected.type, (given as typeof expected).type);
      case "instance":
        return this.externs(expected.exports, (given as typeof expected).exports);
      case "type":
        return this.#typeExtern(expected.type, (given as typeof expected).type);
    }
  }

  #typeExtern(expected: TypeEntity, given: TypeEntity): Mismatch {
    const mismatch = this.#bind(expected, given) ?? this.#entity(expected, given);
    if (mismatch === undefined) this.types.set(expected, given);
    return mismatch;
  }

  /** Decides which resource an open one is. */
  #bind(expected: TypeEntity, given: TypeEntity): Mismatch {
    if (typeof expected === "string" || expected.kind !== "resource") return undefined;
    if (!this.#open.has(expected.id) || this.resources.has(expected.id)) return undefined;
    if (typeof given === "string" || given.kind !== "resource") {
      return `it is a ${describeEntity(given)}, not a resource type`;
    }
    this.resources.set(expected.id, this.#final(given.id));
    return undefined;
  }

  #final(resource: Resource): Resource {
    return this.resources.get(resource) ?? resource;
  }

  #entity(expected: TypeEntity, given: TypeEntity): Mismatch {
    if (typeof expected === "string" || typeof given === "string") return this.#value(expected, given);
    if (expected.kind !== given.kind) {
      return `it is a ${describeEntity(given)}, not a ${describeEntity(expected)}`;
    }
    switch (expected.kind) {
      case "func":
        return this.#function(expected, given as FunctionNode);
      case "resource":
        return this.#resource(expected, given as ResourceNode);
      case "instance":
        return this.#instanceTypes(expected, given as InstanceNode);
      case "component":
        return this.#component(expected, given as ComponentNode) ??
          this.#component(given as ComponentNode, expected);
      default:
        return this.#value(expected, given);
    }
  }

  #instanceTypes(one: InstanceNode, other: InstanceNode): Mismatch {
    return this.#within(one.bound).externs(one.exports, other.exports) ??
      this.#within(other.bound).externs(other.exports, one.exports);
  }

  /** A component is given what is expected to be given to it, and then gives what is expected of it. */
  #component(expected: ComponentNode, given: ComponentNode): Mismatch {
    const imports = this.#within(given.importedResources);
    const mismatch = imports.externs(given.imports, expected.imports);
    if (mismatch !== undefined) return `of its imports: ${mismatch}`;
    const exports = imports.#within(expected.madeResources).externs(expected.exports, given.exports);
    return exports === undefined ? undefined : `of its exports: ${exports}`;
  }

  /** A matching inside of this one, in which further resources are open. */
  #within(open: readonly Resource[]): Matching {
    this.#validation.take(1 + open.length + this.resources.size);
    return new Matching(this.#validation, open, this.resources);
  }

  #function(expected: FunctionNode, given: FunctionNode): Mismatch {
    this.#validation.take(stepsOf(expected));
    if (expected.async !== given.async) return `it is ${given.async ? "" : "not "}async`;
    return this.#named(expected.parameters, given.parameters, "parameter") ??
      this.#optional(expected.result, given.result, "result");
  }

  #resource(expected: ResourceNode, given: ResourceNode): Mismatch {
    return this.#final(expected.id) === this.#final(given.id) ? undefined : "it is another resource";
  }

  #value(expected: TypeEntity, given: TypeEntity): Mismatch {
    if (typeof expected === "string" || typeof given === "string") {
      return expected === given
        ? undefined
        : `it is of type ${describeEntity(given)}, not ${describeEntity(expected)}`;
    }
    const [one, other] = [expected as ValueNode, given as ValueNode];
    if (one.kind !== other.kind) return `it is a ${other.kind}, not a ${one.kind}`;
    if (one === other && !one.resources) return undefined;
    const same = this.#same.get(one) ?? new Set();
    if (same.has(other)) return undefined;
    this.#validation.take(stepsOf(one));
    const mismatch = this.#parts(one, other);
    if (mismatch === undefined) this.#same.set(one, same.add(other));
    return mismatch;
  }

  /** The parts of two value types of one kind. */
  #parts(expected: ValueNode, given: ValueNode): Mismatch {
    switch (expected.kind) {
      case "list": {
        const other = given as typeof expected;
        if (expected.length !== other.length) return "the lengths of the lists are different";
        return this.#value(expected.element, other.element);
      }
      case "record":
        return this.#named(expected.fields, (given as typeof expected).fields, "field");
      case "variant":
        return this.#named(expected.cases, (given as typeof expected).cases, "case");
      case "tuple":
        return this.#all(expected.types, (given as typeof expected).types);
      case "enum":
      case "flags":
        return sameLabels(expected.labels, (given as typeof expected).labels);
      case "option":
        return this.#value(expected.type, (given as typeof expected).type);
      case "result": {
        const other = given as typeof expected;
        return this.#optional(expected.ok, other.ok, "ok case") ??
          this.#optional(expected.error, other.error, "error case");
      }
      case "own":
      case "borrow":
        return this.#resource(expected.resource, (given as typeof expected).resource);
      case "stream":
      case "future":
        return this.#optional(expected.type, (given as typeof expected).type, "element");
      case "map": {
        const other = given as typeof expected;
        return this.#value(expected.key, other.key) ?? this.#value(expected.value, other.value);
      }
    }
  }

  #named(
    expected: readonly (readonly [string, ValueType | null])[],
    given: readonly (readonly [string, ValueType | null])[],
    what: string,
  ): Mismatch {
    if (expected.length !== given.length) {
      return `it has ${given.length} ${what}s, not ${expected.length}`;
    }
    for (const [index, [name, type]] of expected.entries()) {
      const [otherName, otherType] = given[index]!;
      if (name !== otherName) {
        return `the ${what} ${showName(otherName)} is in the place of ${showName(name)}`;
      }
      const mismatch = this.#optional(type, otherType, `${what} ${showName(name)}`);
      if (mismatch !== undefined) return mismatch;
    }
    return undefined;
  }

  #all(expected: readonly ValueType[], given: readonly ValueType[]): Mismatch {
    if (expected.length !== given.length) {
      return `the tuple has ${given.length} values, not ${expected.length}`;
    }
    for (const [index, type] of expected.entries()) {
      const mismatch = this.#value(type, given[index]!);
      if (mismatch !== undefined) return mismatch;
    }
    return undefined;
  }

  #optional(expected: ValueType | null, given: ValueType | null, what: string): Mismatch {
    if (expected === null || given === null) {
      return expected === given
        ? undefined
        : `the ${what} has ${given === null ? "no" : "a"} type, and should have ${expected ? "one" : "none"}`;
    }
    const mismatch = this.#value(expected, given);
    return mismatch === undefined ? undefined : `of the ${what}: ${mismatch}`;
  }
}

function sameLabels(expected: readonly string[], given: readonly string[]): Mismatch {
  const same = expected.length === given.length && expected.every((label, index) => label === given[index]);
  return same ? undefined : "the names are different";
}
