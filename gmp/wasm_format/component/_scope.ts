import type { CoreSort, ExternalName, ExternType, Sort } from "./component_description.ts";
import type { CoreExports, ModuleType } from "./_core_types.ts";
import { ExternNames } from "./_names.ts";
import {
  type ComponentNode,
  describeEntity,
  type Extern,
  type Externs,
  type FunctionNode,
  type InstanceNode,
  knownOf,
  node,
  renamed,
  Resource,
  type ResourceNode,
  stepsOf,
  type TypeEntity,
  type ValueType,
} from "./resolved_types.ts";
import { openInstance } from "./_substitution.ts";
import type { ExternalType, GlobalType, MemoryType, TableType } from "../module_description.ts";
import type { Signature } from "../../types/signature.ts";
import { showName } from "../../types/quote.ts";
import { isVisible, type NamedTypes, nameTypes } from "./_visibility.ts";
import type { Validation } from "./_validation.ts";

/** What a core type index stands for. */
export type CoreTypeEntity =
  | ModuleType
  | { readonly kind: "func"; readonly type: Signature }
  | { readonly kind: "other" };

/** What an index of each sort stands for. */
export interface Entities {
  "core func": Signature;
  "core table": TableType;
  "core memory": MemoryType;
  "core global": GlobalType;
  "core tag": Signature;
  "core type": CoreTypeEntity;
  "core module": ModuleType;
  "core instance": CoreExports;
  func: FunctionNode;
  value: never;
  type: TypeEntity;
  component: ComponentNode;
  instance: Externs;
}

/** How deep types may be inside each other, as in wasmtime; every walk over a type recurses so deep. */
const MAX_TYPE_DEPTH = 100;

/** What core instances may export, by its sort. */
export const CORE_KINDS: Readonly<Partial<Record<CoreSort, ExternalType["kind"]>>> = {
  "core func": "function",
  "core table": "table",
  "core memory": "memory",
  "core global": "global",
  "core tag": "tag",
};

/** Where definitions have indices: a component, or the type of a component or an instance. */
export class Scope {
  readonly kind: "component" | "component type" | "instance type";
  readonly imports = new Map<string, Extern>();
  readonly exports = new Map<string, Extern>();
  readonly importedResources: Resource[] = [];
  /** The resources that an instance of this has of its own. */
  readonly madeResources: Resource[] = [];
  /** Those of them that are defined here. */
  readonly definedResources = new Set<Resource>();
  readonly validation: Validation;
  readonly #parent: Scope | undefined;
  readonly #spaces = new Map<Sort, Entities[Sort][]>();
  readonly #importNames: ExternNames;
  readonly #exportNames: ExternNames;
  readonly #namedByImports: NamedTypes = new Set();
  readonly #namedByExports: NamedTypes = new Set();

  constructor(validation: Validation, kind: Scope["kind"], parent: Scope | undefined) {
    this.validation = validation;
    this.kind = kind;
    this.#parent = parent;
    this.#importNames = new ExternNames(validation, "import");
    this.#exportNames = new ExternNames(validation, "export");
  }

  /** Throws the error of the definition that is being validated. */
  fail(what: string): never {
    this.validation.fail(what);
  }

  /** Gives the next index of a sort to `entity`. */
  add<S extends Sort>(sort: S, entity: Entities[S]): void {
    const space = this.#spaces.get(sort) ?? [];
    if (!sort.startsWith("core ") && isDeep(entity)) {
      this.fail(`types are inside each other over ${MAX_TYPE_DEPTH} deep`);
    }
    space.push(entity);
    this.#spaces.set(sort, space);
  }

  /** What an index stands for. */
  get<S extends Sort>(sort: S, index: number): Entities[S] {
    const space = this.#spaces.get(sort) ?? [];
    if (index >= space.length) this.fail(`${sort} ${index} is named and there are ${space.length}`);
    return space[index] as Entities[S];
  }

  /** The type of values with an index. */
  valueType(index: number): ValueType {
    const type = this.get("type", index);
    if (typeof type === "string") return type;
    switch (type.kind) {
      case "func":
      case "instance":
      case "component":
      case "resource":
        return this.fail(`type ${index} is a ${describeEntity(type)}, not a type of values`);
      default:
        return type;
    }
  }

  /** The resource type with an index. */
  resource(index: number): ResourceNode {
    return this.#typeOfKind("resource", index);
  }

  /** The function type with an index. */
  functionType(index: number): FunctionNode {
    return this.#typeOfKind("func", index);
  }

  #typeOfKind<Kind extends "resource" | "func" | "component" | "instance">(
    kind: Kind,
    index: number,
  ): Extract<TypeEntity, { readonly kind: Kind }> {
    const type = this.get("type", index);
    if (typeof type !== "string" && type.kind === kind) {
      return type as Extract<TypeEntity, { readonly kind: Kind }>;
    }
    this.fail(
      `type ${index} is a ${describeEntity(type)}, not a ${kind === "func" ? "function" : kind} type`,
    );
  }

  /** The type of core modules with an index. */
  moduleType(index: number): ModuleType {
    const type = this.get("core type", index);
    if (type.kind === "module") return type;
    this.fail(`core type ${index} is not the type of a module`);
  }

  /** What an import or export of a type is; its own resources are added to `made`. */
  resolve(type: ExternType, made: Resource[]): Extern {
    switch (type.sort) {
      case "core module":
        return { sort: "core module", type: this.moduleType(type.type) };
      case "func":
        return { sort: "func", type: this.functionType(type.type) };
      case "component":
        return { sort: "component", type: this.#typeOfKind("component", type.type) };
      case "instance": {
        const instance: InstanceNode = this.#typeOfKind("instance", type.type);
        const exports = openInstance(this.validation, instance, (resource) => made.push(resource));
        return { sort: "instance", exports };
      }
      case "type": {
        if (type.bound !== "resource") {
          return { sort: "type", type: this.rename(this.get("type", type.bound.equals)) };
        }
        const id = new Resource();
        made.push(id);
        return { sort: "type", type: node<ResourceNode>({ kind: "resource", id }) };
      }
      case "value":
        return this.fail("values are imported or exported, which is not supported");
    }
  }

  /** A type under another name. */
  rename<T extends TypeEntity>(type: T): T {
    this.validation.take(stepsOf(type)); // its layout is computed anew
    return renamed(type);
  }

  /** Adds an import, which gets the next index of its sort. */
  import(name: ExternalName, type: ExternType): void {
    const extern = this.resolve(type, this.importedResources);
    this.#importNames.add(name, extern);
    this.#checkVisible(name.name, extern, "import", [this.#namedByImports]);
    nameTypes(this.validation, extern, this.#namedByImports);
    this.imports.set(name.name, extern);
    this.addExtern(extern);
  }

  /** Adds an export, which gets the next index of its sort. */
  export(name: ExternalName, extern: Extern): void {
    this.#exportNames.add(name, extern);
    if (this.kind !== "instance type") {
      this.#checkVisible(name.name, extern, "export", [this.#namedByImports, this.#namedByExports]);
      nameTypes(this.validation, extern, this.#namedByExports);
    }
    this.exports.set(name.name, extern);
    this.addExtern(extern);
  }

  #checkVisible(name: string, extern: Extern, what: string, named: NamedTypes[]): void {
    if (isVisible(this.validation, extern, named)) return;
    this.fail(
      `the ${what} ${showName(name)} uses a record, variant, enum, flags or resource that has no name ` +
        `among the ${what}s before it`,
    );
  }

  /** Gives an index to what is imported, exported or aliased. */
  addExtern(extern: Extern): void {
    if (extern.sort === "instance") this.add("instance", extern.exports);
    else this.add(extern.sort, extern.type as Entities[typeof extern.sort]);
  }

  /** What has an index, as an import or export. */
  externOf(sort: Sort, index: number): Extern {
    switch (sort) {
      case "instance":
        return { sort, exports: this.get(sort, index) };
      case "func":
        return { sort, type: this.get(sort, index) };
      case "type":
        return { sort, type: this.get(sort, index) };
      case "component":
        return { sort, type: this.get(sort, index) };
      case "core module":
        return { sort, type: this.get(sort, index) };
      default:
        return this.fail(`a ${sort} cannot be imported or exported`);
    }
  }

  /** A core definition, as the import or export of a module. */
  coreExternOf(sort: CoreSort, index: number): ExternalType {
    const kind = CORE_KINDS[sort];
    if (kind === undefined) this.fail(`a ${sort} cannot be exported by a core instance`);
    return { kind, type: this.get(sort, index) } as ExternalType;
  }

  /** The scope `count` further out, and whether that is outside of a component. */
  outer(count: number): [Scope, boolean] {
    // deno-lint-ignore no-this-alias -- it walks outward from here
    let scope: Scope = this;
    let crosses = false;
    for (let left = count; left > 0; left--) {
      crosses ||= scope.kind === "component";
      if (scope.#parent === undefined) this.fail(`an alias goes ${count} scopes out and there are fewer`);
      scope = scope.#parent;
    }
    return [scope, crosses];
  }
}

function isDeep(entity: unknown): boolean {
  const depth = entity instanceof Map ? knownOf(entity).depth : (entity as { readonly depth?: number }).depth;
  return depth !== undefined && depth > MAX_TYPE_DEPTH;
}
