import type { ComponentSignature, TypeNode, TypeReference } from "../../gmp/types/component_types.ts";
import type { ComponentDescription, CoreModule } from "../../gmp/wasm_format/component/component_reader.ts";
import { Store } from "./component_instance.ts";
import { usesAsync } from "./component.ts";
import { DefinitionBudget } from "./definition_budget.ts";
import type { ComponentFunction } from "./component_function.ts";
import type { CoreSize, InstanceEntity } from "./entities.ts";
import type { HostWorld } from "./host.ts";
import { HostImports, type MissingFunction } from "./host_imports.ts";
import { linkRoot } from "./link.ts";
import type { FunctionType, Type } from "./types.ts";

/** A function that a component exports. */
export interface ExportedFunction {
  /** The interface that it belongs to, such as `"ghost:demo/greeter@1.0.0"`; `undefined` at the level of the world. */
  readonly interface: string | undefined;
  /** Its name: `"greet"`, `"[method]counter.next"`. */
  readonly name: string;
  /** What it takes and returns. */
  readonly type: FunctionType;
  /** Whether a call may return a promise, in a world whose functions may wait. */
  readonly waits: boolean;
}

const NO_SUSPENSION = { suspended: () => {}, resumed: () => {} };

/** What an instance of a component would consist of. */
interface Survey {
  /** What it exports. */
  readonly functions: readonly ExportedFunction[];
  /** Its core modules, each as often as it is instantiated. */
  readonly cores: readonly CoreSize[];
  /** What it imports and `world` does not have. */
  readonly missing: readonly MissingFunction[];
}

/**
 * Links a component without instantiating anything; `world` says which of its imports wait.
 *
 * @throws {GhostError} `NOT_A_MODULE`.
 */
export function survey(
  description: ComponentDescription,
  modules: ReadonlyMap<CoreModule, CoreSize>,
  world: HostWorld,
): Survey {
  const budget = new DefinitionBudget();
  const host = new HostImports(world, budget, NO_SUSPENSION, false);
  const cores: CoreSize[] = [];
  const census = (core: CoreSize) => void cores.push(core);
  const { exports } = linkRoot(description, {
    store: new Store(),
    budget,
    host,
    modules,
    census,
    isAsync: usesAsync(description),
  });
  const functions = Array.from(functionsOf(exports), ([interfaceName, name, { type, waits }]) => ({
    interface: interfaceName,
    name,
    type,
    waits,
  }));
  return { functions, cores, missing: host.missing };
}

/** A function type as a table. */
export function signatureOf(type: FunctionType): ComponentSignature {
  return new SignatureTable().signature(type);
}

/** Every function among `exports`, with its interface and its name. */
export function* functionsOf(
  exports: InstanceEntity["exports"],
): Generator<readonly [interfaceName: string | undefined, name: string, callee: ComponentFunction]> {
  for (const [name, entity] of exports) {
    if (entity.sort === "func") yield [undefined, name, entity.value];
    if (entity.sort !== "instance") continue;
    for (const [inner, one] of entity.value.exports) {
      if (one.sort === "func") yield [name, inner, one.value];
    }
  }
}

/** Turns resolved types into a table, children before parents, each type once. */
class SignatureTable {
  readonly #types: TypeNode[] = [];
  readonly #indices = new Map<Type, number>();

  signature({ parameters, result, async }: FunctionType): ComponentSignature {
    const listed = parameters.map(({ name, type }) => [name, this.#reference(type)] as const);
    const returned = this.#optional(result);
    return { types: this.#types, parameters: listed, result: returned, ...async ? { async } : {} };
  }

  #reference(type: Type): TypeReference {
    const known = this.#indices.get(type);
    if (known !== undefined) return known;
    const node = this.#node(type);
    if (typeof node === "string") return node;
    const index = this.#types.push(node) - 1;
    this.#indices.set(type, index);
    return index;
  }

  #optional(type: Type | null): TypeReference | null {
    return type === null ? null : this.#reference(type);
  }

  #node(type: Type): TypeNode | Extract<TypeReference, string> {
    switch (type.kind) {
      case "list": {
        const element = this.#reference(type.element);
        return type.length === undefined ? ["list", element] : ["list", element, type.length];
      }
      case "record":
        return ["record", type.fields.map(({ name, type }) => [name, this.#reference(type)] as const)];
      case "tuple":
        return ["tuple", type.elements.map((one) => this.#reference(one))];
      case "variant":
        return ["variant", type.cases.map(({ name, type }) => [name, this.#optional(type)] as const)];
      case "enum":
      case "flags":
        return [type.kind, type.labels];
      case "option":
        return ["option", this.#reference(type.some)];
      case "result":
        return ["result", this.#optional(type.ok), this.#optional(type.error)];
      case "map":
        return ["map", this.#reference(type.key), this.#reference(type.value)];
      case "own":
      case "borrow":
        return [type.kind, type.resource.name || "resource"];
      case "stream":
      case "future":
        return [type.kind, this.#optional(type.element)];
      default:
        return type.kind;
    }
  }
}
