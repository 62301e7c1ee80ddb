import type { ComponentDescription, CoreModule } from "../../gmp/wasm_format/component/component_reader.ts";
import { Store } from "./component_instance.ts";
import type { MakeMemories } from "./core_instances.ts";
import type { CompiledCore, InstanceEntity } from "./entities.ts";
import type { HostWorld } from "./host.ts";
import { DefinitionBudget } from "./definition_budget.ts";
import { HostImports } from "./host_imports.ts";
import { linkRoot } from "./link.ts";
import type { Suspension } from "./suspension.ts";

/** A component that is read, with its core modules compiled; it can be instantiated any number of times. */
export interface CompiledComponent {
  readonly description: ComponentDescription;
  readonly modules: ReadonlyMap<CoreModule, CompiledCore>;
}

/** All core modules of a component and of those in it. */
export function* coreModules({ definitions }: ComponentDescription): Generator<CoreModule> {
  for (const one of definitions) {
    if (one.kind === "core module") yield one;
    else if (one.kind === "component") yield* coreModules(one.component);
  }
}

/** Whether a component, or one in it, uses what WASI 0.3 adds to the canonical ABI. */
export function usesAsync({ definitions }: ComponentDescription): boolean {
  return definitions.some((one) => {
    switch (one.kind) {
      case "component":
        return usesAsync(one.component);
      case "lift":
      case "lower":
        return one.options.async;
      case "built-in":
        return !one.name.startsWith("resource.");
      case "type":
        return one.type.kind === "func"
          ? one.type.type.async
          : one.type.kind === "value" && (one.type.type[0] === "stream" || one.type.type[0] === "future");
      default:
        return false;
    }
  });
}

/** What an instance needs from outside. */
interface ComponentOptions {
  /** What the component may import. */
  readonly world: HostWorld;
  readonly makeMemories: MakeMemories;
  /** With it, functions of the host may wait, and calls of what uses them return promises. */
  readonly suspension?: Suspension | undefined;
}

/** An instance of a root component. */
interface RootInstance extends InstanceEntity {
  readonly store: Store;
}

/**
 * Instantiates a component.
 *
 * @throws {GhostError} `IMPORT_NOT_FOUND`, `NOT_A_MODULE`, `MEMORY_LIMIT`; a trap of a start function is thrown unchanged.
 */
export function instantiateComponent(
  { description, modules }: CompiledComponent,
  { world, makeMemories, suspension }: ComponentOptions,
): RootInstance {
  const store = new Store();
  store.scheduler.turns.suspension = suspension;
  const budget = new DefinitionBudget();
  const host = new HostImports(world, budget, suspension);
  const { exports } = linkRoot(description, {
    store,
    budget,
    host,
    modules,
    makeMemories,
    isAsync: usesAsync(description),
  });
  return { exports, store };
}
