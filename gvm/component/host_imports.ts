import { GhostError } from "../../gmp/errors.ts";
import { showName } from "../../gmp/types/quote.ts";
import type { Declaration, ExternType, Import } from "../../gmp/wasm_format/component/component_reader.ts";
import type { ComponentFunction, Resolve } from "./component_function.ts";
import type { Entity, TypeEntity } from "./entities.ts";
import type { DefinitionBudget } from "./definition_budget.ts";
import { partsOfType } from "./definition_parts.ts";
import type { HostFunction, HostInterface, HostWorld } from "./host.ts";
import { canonicalName, fullName } from "./interface_names.ts";
import type { ResourceType } from "./resources.ts";
import { defineFunction, defineType, resolveFunction } from "./resolve_types.ts";
import { invalid, Scope } from "./scope.ts";
import type { Suspension } from "./suspension.ts";
import { ofHost } from "./trap.ts";
import type { FunctionType } from "./types.ts";

/** A function that a component imports, and that nobody provides. */
export interface MissingFunction {
  /** The interface that it is of; `undefined` for the world itself. */
  readonly interface: string | undefined;
  /** Its name there. */
  readonly name: string;
  /** What it takes and returns. */
  readonly type: FunctionType;
}

/** Finds what a root component imports in what the host provides. */
export class HostImports {
  readonly #world: HostWorld;
  readonly #suspension: Suspension | undefined;
  readonly #isComplete: boolean;
  readonly #budget: DefinitionBudget;
  /** Names of interfaces by their canonical names; an interface is only made when it is asked for. */
  readonly #names = new Map<string, string>();
  /** What was missing, where the world need not be complete. */
  readonly missing: MissingFunction[] = [];

  /** With `suspension` functions may wait; what is missing is made up if the world need not be complete. */
  constructor(
    world: HostWorld,
    budget: DefinitionBudget,
    suspension: Suspension | undefined,
    isComplete = true,
  ) {
    this.#budget = budget;
    this.#world = world;
    this.#suspension = suspension;
    this.#isComplete = isComplete;
    for (const name of Object.keys(world.interfaces)) this.#names.set(canonicalName(name), name);
  }

  /** What fits `one`, which is imported in `scope`. @throws {GhostError} `IMPORT_NOT_FOUND` naming what nobody provides. */
  provide(scope: Scope, one: Import): Entity {
    const { type } = one;
    if (type.sort === "instance") return this.#instance(scope, one, type.type);
    const found = this.#declared(scope, type, this.#world.root, one.name, one.name);
    return found ?? notProvided(type.sort, one.name);
  }

  #instance(scope: Scope, one: Import, index: number): Entity {
    const name = fullName(one);
    const found = own(this.#world.interfaces, name) ?? this.#compatible(name) ??
      (one.implements === undefined ? undefined : this.#compatible(one.implements));
    const type = scope.get("type", index);
    if (type.kind !== "instance") invalid(`type ${index} is not of instances`);
    return this.#instanceOf(type, found, name);
  }

  #compatible(name: string): HostInterface | undefined {
    const found = this.#names.get(canonicalName(name));
    return found === undefined ? undefined : this.#world.interfaces[found];
  }

  /** An instance of `type`, whose functions and resources are those of `host`. */
  #instanceOf(
    { declarations, scope }: Extract<TypeEntity, { kind: "component" | "instance" }>,
    host: HostInterface | undefined,
    name: string,
  ): Entity {
    const inner = new Scope(scope);
    const exports = new Map<string, Entity>();
    for (const one of declarations) {
      this.#budget.take(one.kind === "type" ? partsOfType(one.type) : 0);
      if (one.kind !== "export") {
        declare(inner, one);
        continue;
      }
      const found = this.#declared(inner, one.type, host, one.name, `${name}.${one.name}`) ??
        notProvided(one.type.sort, `${name}.${one.name}`);
      inner.add(found.sort, found.value as never);
      exports.set(one.name, found);
    }
    return { sort: "instance", value: { exports } };
  }

  #declared(
    scope: Scope,
    type: ExternType,
    host: HostInterface | undefined,
    name: string,
    full: string,
  ): Entity | undefined {
    if (type.sort === "func") {
      const found = host === undefined ? undefined : own(host.functions, name);
      if (found === undefined && this.#isComplete) return undefined;
      const waits = this.#suspension !== undefined && (host?.waits?.has(name) ?? false);
      const resolved = resolveFunction(scope, type.type);
      if (found === undefined) {
        this.missing.push({
          interface: full === name ? undefined : full.slice(0, -name.length - 1),
          name,
          type: resolved,
        });
      }
      return { sort: "func", value: this.#function(found ?? notProvided, resolved, waits) };
    }
    if (type.sort === "type") {
      const { bound } = type;
      return {
        sort: "type",
        value: bound === "resource"
          ? { kind: "resource", resource: resourceOf(host, name, full) }
          : scope.get("type", bound.equals),
      };
    }
    if (type.sort === "instance") {
      const nested = scope.get("type", type.type);
      return nested.kind === "instance" ? this.#instanceOf(nested, undefined, full) : undefined;
    }
    return undefined;
  }

  #function(callable: HostFunction, type: FunctionType, waits: boolean): ComponentFunction {
    const suspension = this.#suspension;
    return {
      type,
      waits,
      call(args, _caller, resolve, out) {
        const result = callable(...args);
        // A future is a promise itself.
        if (!(result instanceof Promise) || type.result?.kind === "future") {
          return returned(result, resolve, out);
        }
        // Other threads of the guest may go on meanwhile; the scheduler knows when none can.
        if (type.async) return result.then((value) => returned(value, resolve, out));
        if (!waits) return returned(result, resolve, out);
        suspension!.suspended();
        return result.then((value) => {
          suspension!.resumed();
          return returned(value, resolve, out);
        }, (error) => {
          suspension!.resumed();
          throw error;
        });
      },
    };
  }
}

/** What becomes of the host's result. */
function returned(result: unknown, resolve: Resolve, out: number): unknown {
  try {
    return resolve(result, out);
  } catch (error) {
    throw ofHost(error);
  }
}

/** Adds a declaration of the type of an instance, other than an export, to `scope`. */
function declare(scope: Scope, one: Exclude<Declaration, { readonly kind: "export" }>): void {
  if (one.kind === "type") {
    scope.add("type", typeEntity(scope, one.type));
  } else if (one.kind === "core type") {
    scope.add("core type", one.type);
  } else if (one.kind === "alias" && one.from === "outer") {
    scope.add(one.sort, scope.outer(one.count).get(one.sort, one.index));
  } else if (one.kind === "alias") {
    const found = one.from === "export"
      ? scope.get("instance", one.instance).exports.get(one.name)
      : undefined;
    if (found === undefined) invalid(`there is no export ${showName(one.name)}`);
    scope.add(found.sort, found.value as never);
  } else {
    invalid("the type of an instance imports something");
  }
}

/** What a definition of a type in `scope` stands for; not of a resource, which belongs to an instance. */
export function typeEntity(
  scope: Scope,
  type: Extract<Declaration, { readonly kind: "type" }>["type"],
): TypeEntity {
  switch (type.kind) {
    case "value":
      return { kind: "value", type: defineType(scope, type.type) };
    case "func":
      return { kind: "func", type: defineFunction(scope, type.type) };
    case "component":
    case "instance":
      return { kind: type.kind, declarations: type.declarations, scope };
    case "resource":
      return invalid("a resource is defined in the type of an instance");
  }
}

const HOST_TYPES = new WeakMap<object, Map<string, ResourceType>>();

/** The resource type `name` of `host`, always the same; nothing can be a handle to one that nobody provides. */
function resourceOf(host: HostInterface | undefined, name: string, full: string): ResourceType {
  const made = { name: full, implementer: undefined, host: host?.resources && own(host.resources, name) };
  if (host === undefined) return made;
  let types = HOST_TYPES.get(host);
  if (types === undefined) HOST_TYPES.set(host, types = new Map());
  const known = types.get(name);
  if (known !== undefined) return known;
  types.set(name, made);
  return made;
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function notProvided(sort = "function", name = ""): never {
  const what = sort === "func" ? "function" : sort;
  throw new GhostError(
    "IMPORT_NOT_FOUND",
    `Cannot instantiate the component: it imports the ${what} ${showName(name)}, which nobody provides`,
    { details: { name, kind: what } },
  );
}
