import { GhostError } from "../../errors.ts";
import { MAX_TYPE_NODES, MAX_TYPE_PARTS } from "../../types/check_types.ts";
import { readComponent } from "./component_reader.ts";
import { validateComponent } from "./component_validator.ts";
import type { NamedFunction } from "./function_names.ts";
import {
  type ComponentNode,
  type Extern,
  type Externs,
  type FunctionNode,
  partCount,
  type Resource,
  type ResourceNode,
  type ValueNode,
  type ValueType,
} from "./resolved_types.ts";
import { showName } from "../../types/quote.ts";
import type { ComponentSignature, TypeNode, TypeReference } from "../../types/component_types.ts";

/**
 * Types and their parts in the tables of all functions together: each has a table of its own, and a thousand functions may share a
 * thousand types.
 */
const MAX_TABLE_NODES = 200_000;

/** A function of a component's world. */
interface WorldFunction extends NamedFunction {
  /** What it takes and returns. */
  readonly signature: ComponentSignature;
}

/** Something else that a component imports or exports, beside an interface of functions. */
interface WorldItem {
  /** Its name. */
  readonly name: string;
  /** What it is; `types` is an interface without functions, which nobody has to provide. */
  readonly kind: "type" | "component" | "core module" | "interface" | "types";
}

/** What a component imports, or exports. */
export interface WorldSide {
  /** Its functions and those of its interfaces, in the file's order. */
  readonly functions: readonly WorldFunction[];
  /** Everything else; interfaces, too. */
  readonly items: readonly WorldItem[];
}

/** What a component needs, and what it can do (component-model, WIT, "WIT Worlds"). */
export interface ComponentWorld {
  readonly imports: WorldSide;
  readonly exports: WorldSide;
}

/**
 * The world of a component, which is read and validated.
 *
 * @throws {GhostError} `NOT_A_MODULE` saying what is wrong and at which byte.
 */
export function readWorld(bytes: Uint8Array): ComponentWorld {
  return worldOf(validateComponent(bytes, readComponent(bytes)));
}

/** The world of a component of a type. @throws {GhostError} `NOT_A_MODULE` for types above the limits. */
export function worldOf(type: ComponentNode): ComponentWorld {
  const tables = new Tables();
  tables.names.addAll(type.imports);
  tables.names.addAll(type.exports);
  return { imports: sideOf(type.imports, tables), exports: sideOf(type.exports, tables) };
}

function sideOf(externs: Externs, tables: Tables): WorldSide {
  const functions: WorldFunction[] = [];
  const items: WorldItem[] = [];
  const add = (name: string, type: FunctionNode, whole?: string) =>
    functions.push({ interface: whole, name, signature: tables.signature(name, type) });
  for (const [name, extern] of externs) {
    if (extern.sort === "func") add(name, extern.type);
    else if (extern.sort !== "instance") items.push({ name, kind: extern.sort });
    if (extern.sort !== "instance") continue;
    items.push({ name, kind: hasFunctions(extern.exports) ? "interface" : "types" });
    for (const [inner, one] of extern.exports) if (one.sort === "func") add(inner, one.type, name);
  }
  return { functions, items };
}

/** Whether there is anything to call, in nested instances, too. */
function hasFunctions(externs: Externs): boolean {
  return [...externs.values()].some((one) =>
    one.sort === "instance" ? hasFunctions(one.exports) : one.sort !== "type"
  );
}

/** A name for each resource, unique in the component. */
class ResourceNames {
  readonly #names = new Map<Resource, string>();
  readonly #taken = new Set<string>();

  /** Names the resources among imports or exports; one that has a name keeps it. */
  addAll(externs: Externs, prefix = ""): void {
    for (const [name, extern] of externs) {
      if (extern.sort === "instance") this.addAll(extern.exports, `${name}#`);
      else this.#add(name, extern, prefix);
    }
  }

  #add(name: string, extern: Extern, prefix: string): void {
    if (extern.sort !== "type" || typeof extern.type === "string" || extern.type.kind !== "resource") return;
    const { id } = extern.type;
    if (this.#names.has(id)) return;
    const unique = this.#taken.has(name) ? prefix + name : name;
    this.#taken.add(unique);
    this.#names.set(id, unique);
  }

  of({ id }: ResourceNode): string {
    let name = this.#names.get(id);
    if (name === undefined) {
      name = `resource-${this.#names.size + 1}`;
      this.#names.set(id, name);
    }
    return name;
  }
}

/** Makes the tables of one component's functions. */
class Tables {
  readonly names = new ResourceNames();
  #left = MAX_TABLE_NODES;

  signature(name: string, type: FunctionNode): ComponentSignature {
    const table = new SignatureTable(this.names, this.#left);
    const signature = table.signature(type);
    if (signature === undefined) {
      const what = table.size > this.#left
        ? `its functions have over ${MAX_TABLE_NODES} types, and parts of them, together`
        : `the function ${
          showName(name)
        } has over ${MAX_TYPE_NODES} types, or ${MAX_TYPE_PARTS} parts of them`;
      throw new GhostError("NOT_A_MODULE", `Cannot read the module: ${what}`);
    }
    this.#left -= table.size;
    return signature;
  }
}

/** Turns resolved types into a table, children before parents, each once. */
class SignatureTable {
  readonly #names: ResourceNames;
  readonly #most: number;
  readonly #types: TypeNode[] = [];
  readonly #indices = new Map<ValueNode, number>();
  /** Types that were begun. */
  #nodes = 0;
  #parts = 0;

  constructor(names: ResourceNames, most: number) {
    this.#names = names;
    this.#most = most;
  }

  /** Its types and their parts. */
  get size(): number {
    return this.#nodes + this.#parts;
  }

  get #isFull(): boolean {
    return this.size > this.#most || this.#nodes > MAX_TYPE_NODES || this.#parts > MAX_TYPE_PARTS;
  }

  /** The signature, or `undefined` if there are too many types or parts. */
  signature(type: FunctionNode): ComponentSignature | undefined {
    this.#parts += partCount(type);
    if (this.#isFull) return undefined;
    const parameters = type.parameters.map(([name, type]) => [name, this.#reference(type)] as const);
    const result = this.#optional(type.result);
    if (this.#isFull) return undefined;
    return { types: this.#types, parameters, result, ...(type.async ? { async: true } : {}) };
  }

  #reference(type: ValueType): TypeReference {
    if (typeof type === "string") return type;
    const known = this.#indices.get(type);
    if (known !== undefined) return known;
    this.#nodes += 1;
    this.#parts += partCount(type);
    if (this.#isFull) return 0; // it is refused in the end
    const index = this.#types.push(this.#node(type)) - 1;
    this.#indices.set(type, index);
    return index;
  }

  #optional(type: ValueType | null): TypeReference | null {
    return type === null ? null : this.#reference(type);
  }

  #node(type: ValueNode): TypeNode {
    switch (type.kind) {
      case "list": {
        const element = this.#reference(type.element);
        return type.length === undefined ? ["list", element] : ["list", element, type.length];
      }
      case "record":
        return ["record", type.fields.map(([name, type]) => [name, this.#reference(type)] as const)];
      case "tuple":
        return ["tuple", type.types.map((type) => this.#reference(type))];
      case "variant":
        return ["variant", type.cases.map(([name, type]) => [name, this.#optional(type)] as const)];
      case "enum":
      case "flags":
        return [type.kind, type.labels];
      case "option":
        return ["option", this.#reference(type.type)];
      case "result":
        return ["result", this.#optional(type.ok), this.#optional(type.error)];
      case "own":
      case "borrow":
        return [type.kind, this.#names.of(type.resource)];
      case "stream":
      case "future":
        return [type.kind, this.#optional(type.type)];
      case "map":
        return ["map", this.#reference(type.key), this.#reference(type.value)];
    }
  }
}
