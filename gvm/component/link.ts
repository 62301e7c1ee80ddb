import { showName } from "../../gmp/types/quote.ts";
import type {
  Alias,
  BuiltIn,
  CanonicalOptions,
  ComponentDescription,
  CoreInstance,
  CoreModule,
  CoreSort,
  Definition,
  Import,
  Instance,
  Lift,
  TypeDefinition,
} from "../../gmp/wasm_format/component/component_reader.ts";
import { asyncBuiltIn } from "./async_built_ins.ts";
import { TaskFunction } from "./task_function.ts";
import { lowerTask, suspendable } from "./lowered_task.ts";
import { resourceDrop, resourceNew, resourceRep } from "./built_ins.ts";
import { CanonicalContext } from "./canonical_context.ts";
import { type ComponentFunction, KEEP } from "./component_function.ts";
import { ComponentInstance, enter, leave, type Store } from "./component_instance.ts";
import { coreExport, instantiateCore, type MakeMemories } from "./core_instances.ts";
import type { DefinitionBudget } from "./definition_budget.ts";
import { partsOf } from "./definition_parts.ts";
import type { ComponentEntity, CoreSize, Entities, Entity, InstanceEntity, TypeEntity } from "./entities.ts";
import { type HostImports, typeEntity } from "./host_imports.ts";
import { liftFunction } from "./lift.ts";
import { lowerFunction } from "./lower.ts";
import { type CoreFunction, plainFunction } from "./promise_integration.ts";
import { resolveFunction, resolveResource } from "./resolve_types.ts";
import { defineResource } from "./define_resource.ts";
import type { ResourceType } from "./resources.ts";
import { invalid, Scope } from "./scope.ts";
import type { FunctionType } from "./types.ts";

/** What linking needs from outside. */
interface LinkOptions {
  readonly store: Store;
  /** Counts what is defined. */
  readonly budget: DefinitionBudget;
  /** What the root imports. */
  readonly host: HostImports;
  /** What core instances are made of; left out when only types are asked for, and nothing is instantiated. */
  readonly makeMemories?: MakeMemories | undefined;
  /** Whether some component in the file uses what WASI 0.3 adds. */
  readonly isAsync: boolean;
  /** The core modules of the file; compiled, if there is anything to instantiate. */
  readonly modules: ReadonlyMap<CoreModule, CoreSize>;
  /** Told of every core module that is instantiated, or would be. */
  readonly census?: ((core: CoreSize) => void) | undefined;
}

/** Instantiates a root component: its imports come from the host. @throws {GhostError}, and what a start function throws. */
export function linkRoot(description: ComponentDescription, options: LinkOptions): InstanceEntity {
  const linker = new Linker({ description, scope: undefined }, undefined, options);
  return linker.link((scope, one) => options.host.provide(scope, one));
}

/** What is called in place of a function when only types were asked for. */
function notInstantiated(): never {
  throw new Error("The component is not instantiated");
}

/** Runs the definitions of one component in the file's order (component-model, Explainer, "Instance Definitions"). */
class Linker {
  readonly #scope: Scope;
  readonly #instance: ComponentInstance;
  readonly #description: ComponentDescription;
  readonly #options: LinkOptions;
  readonly #exports = new Map<string, Entity>();
  /** Whether something that has been lowered so far may wait, and so what is lifted from then on. */
  #waits = false;

  constructor(
    { description, scope }: ComponentEntity,
    parent: ComponentInstance | undefined,
    options: LinkOptions,
  ) {
    this.#description = description;
    this.#scope = new Scope(scope);
    this.#options = options;
    this.#instance = new ComponentInstance(options.store, parent);
  }

  link(imported: (scope: Scope, one: Import) => Entity): InstanceEntity {
    const entered = [this.#instance];
    enter(entered);
    for (const definition of this.#description.definitions) this.#define(definition, imported);
    leave(entered);
    return { exports: this.#exports };
  }

  #add({ sort, value }: Entity): void {
    this.#scope.add(sort, value as never);
  }

  #define(definition: Definition, imported: (scope: Scope, one: Import) => Entity): void {
    const scope = this.#scope;
    const { budget, modules } = this.#options;
    budget.take(partsOf(definition));
    switch (definition.kind) {
      case "core module":
        return scope.add("core module", modules.get(definition)!);
      case "core instance":
        return scope.add("core instance", this.#coreInstance(definition));
      case "core type":
        return scope.add("core type", definition.type);
      case "component":
        return scope.add("component", { description: definition.component, scope });
      case "instance":
        return scope.add("instance", this.#instantiate(definition));
      case "alias":
        return this.#add(this.#alias(definition));
      case "type":
        return scope.add("type", this.#type(definition.type));
      case "lift":
        return scope.add("func", this.#lift(definition));
      case "lower":
        return scope.add("core func", this.#lower(definition.function, definition.options));
      case "built-in":
        return scope.add("core func", this.#builtIn(definition));
      case "import":
        return this.#add(imported(scope, definition));
      case "export": {
        const entity = {
          sort: definition.sort,
          value: scope.get(definition.sort, definition.index),
        } as Entity;
        if (entity.sort === "type" && entity.value.kind === "resource") {
          entity.value.resource.name ||= definition.name;
        }
        this.#exports.set(definition.name, entity);
        return this.#add(entity);
      }
      case "start":
        return this.#start(definition.function, definition.arguments.length);
      case "value":
        return invalid("it defines a value, which is not supported");
    }
  }

  #coreInstance(definition: CoreInstance): Entities["core instance"] {
    const { makeMemories, census } = this.#options;
    if (definition.from === "module") census?.(this.#scope.get("core module", definition.module));
    return makeMemories === undefined ? {} : instantiateCore(this.#scope, definition, makeMemories);
  }

  #start(index: number, values: number): void {
    if (values > 0) invalid("its start function takes values, which is not supported");
    if (this.#options.makeMemories !== undefined) {
      this.#scope.get("func", index).call([], this.#instance, KEEP, 0);
    }
  }

  #instantiate(definition: Instance): InstanceEntity {
    const scope = this.#scope;
    if (definition.from === "exports") {
      return {
        exports: new Map(
          definition.exports.map((
            { name, sort, index },
          ) => [name, { sort, value: scope.get(sort, index) } as Entity]),
        ),
      };
    }
    const given = new Map<string, Entity>();
    for (const { name, sort, index } of definition.arguments) {
      given.set(name, { sort, value: scope.get(sort, index) } as Entity);
    }
    const component = scope.get("component", definition.component);
    const linker = new Linker(component, this.#instance, this.#options);
    return linker.link((_, { name }) =>
      given.get(name) ?? invalid(`a component in it is not given its import ${showName(name)}`)
    );
  }

  #alias(alias: Alias): Entity {
    const scope = this.#scope;
    const { sort } = alias;
    if (alias.from === "outer") {
      return { sort, value: scope.outer(alias.count).get(sort, alias.index) } as Entity;
    }
    if (alias.from === "core export") {
      if (this.#options.makeMemories === undefined) return { sort, value: undefined } as unknown as Entity;
      const exports = scope.get("core instance", alias.instance);
      return { sort, value: coreExport(exports, alias.name, sort as CoreSort) } as Entity;
    }
    const found = scope.get("instance", alias.instance).exports.get(alias.name);
    return found?.sort === sort ? found : invalid(`an instance exports no ${sort} ${showName(alias.name)}`);
  }

  #type(type: TypeDefinition): TypeEntity {
    if (type.kind !== "resource") return typeEntity(this.#scope, type);
    const destructor = this.#optionalFunction(type.destructor);
    const context = this.#context({ stringEncoding: "utf8", async: false });
    return { kind: "resource", resource: defineResource(destructor, context, this.#options.isAsync) };
  }

  #context({ stringEncoding, memory, realloc }: CanonicalOptions): CanonicalContext {
    return new CanonicalContext({
      instance: this.#instance,
      encoding: stringEncoding,
      memory: memory === undefined ? undefined : this.#scope.get("core memory", memory),
      realloc: this.#optionalFunction(realloc),
    });
  }

  #optionalFunction(index: number | undefined): CoreFunction | undefined {
    return index === undefined ? undefined : plainFunction(this.#scope.get("core func", index));
  }

  #lift({ function: index, type, options }: Lift): ComponentFunction {
    const resolved = resolveFunction(this.#scope, type);
    if (this.#options.makeMemories === undefined) {
      return { type: resolved, waits: this.#waits || this.#options.isAsync, call: notInstantiated };
    }
    if (this.#options.isAsync) return this.#liftTask(index, resolved, options);
    return liftFunction({
      core: this.#scope.get("core func", index),
      type: resolved,
      context: this.#context(options),
      postReturn: this.#optionalFunction(options.postReturn),
      waits: this.#waits,
    });
  }

  #liftTask(index: number, type: FunctionType, options: CanonicalOptions): ComponentFunction {
    const lifting = {
      async: options.async,
      encoding: options.stringEncoding,
      memory: options.memory === undefined ? undefined : this.#scope.get("core memory", options.memory),
      callback: this.#optionalFunction(options.callback),
      postReturn: this.#optionalFunction(options.postReturn),
      context: this.#context(options),
    };
    const core = this.#scope.get("core func", index);
    return new TaskFunction(core, type, lifting, this.#options.store.scheduler);
  }

  #lower(index: number, options: CanonicalOptions): CoreFunction {
    const callee = this.#scope.get("func", index);
    this.#waits ||= callee.waits;
    const { isAsync, makeMemories, store } = this.#options;
    if (isAsync && makeMemories !== undefined) {
      return lowerTask(callee, this.#context(options), options.async, store.scheduler);
    }
    return this.#options.makeMemories === undefined
      ? notInstantiated
      : lowerFunction(callee, this.#context(options));
  }

  #resourceDrop(type: ResourceType): CoreFunction {
    const drop = resourceDrop(this.#instance, type);
    const { isAsync, store } = this.#options;
    return isAsync ? suspendable(store.scheduler, ([index]) => drop(index)) : drop;
  }

  #builtIn(definition: BuiltIn): CoreFunction {
    if (this.#options.makeMemories === undefined) return notInstantiated;
    switch (definition.name) {
      case "resource.new":
        return resourceNew(this.#instance, resolveResource(this.#scope, definition.type));
      case "resource.rep":
        return resourceRep(this.#instance, resolveResource(this.#scope, definition.type));
      case "resource.drop":
        return this.#resourceDrop(resolveResource(this.#scope, definition.type));
      default:
        return asyncBuiltIn(definition, {
          scope: this.#scope,
          instance: this.#instance,
          scheduler: this.#options.store.scheduler,
          context: (options) => this.#context({ stringEncoding: "utf8", async: false, ...options }),
          table: (index) => this.#scope.get("core table", index) as WebAssembly.Table,
          memory: (index) => index === undefined ? undefined : this.#scope.get("core memory", index),
        });
    }
  }
}
