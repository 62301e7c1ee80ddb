import { labelOf } from "./function_names.ts";
import type {
  ComponentNode,
  Externs,
  FunctionNode,
  Resource,
  ResourceNode,
  TypeEntity,
  ValueNode,
  ValueType,
} from "./resolved_types.ts";
import { interfacePart, packageOf, packagesOf, writeLabel } from "./_wit_names.ts";
import { WitWriter } from "./_wit_writer.ts";

/**
 * A component's type as WIT (component-model, WIT, "Nested package definitions"): the world with what it imports and exports, then each
 * package with its interfaces. A text above `limit` characters is cut, and ends in a line `…`.
 */
export function formatWit(type: ComponentNode, limit: number): string {
  const writer = new WitWriter(limit);
  const printer = new WitPrinter(writer);
  printer.world(type);
  return writer.end();
}

/** Where a type has a name. */
interface Home {
  readonly place: string;
  readonly name: string;
}

const WORLD = "";

class WitPrinter {
  readonly #writer: WitWriter;
  /** Where each type was named first. */
  readonly #homes = new Map<TypeEntity, Home>();
  readonly #resources = new Map<Resource, Home>();
  /** Interfaces with a name of their own, in the order in which they come. */
  readonly #interfaces = new Map<string, Externs>();
  #place = WORLD;

  constructor(writer: WitWriter) {
    this.#writer = writer;
  }

  world({ imports, exports }: ComponentNode): void {
    const writer = this.#writer;
    writer.line("package root:component;");
    writer.block("world root", () => {
      this.#side("import", imports);
      this.#side("export", exports);
    });
    for (const [name, members] of packagesOf(this.#interfaces)) {
      writer.line("");
      writer.block(`package ${name}`, () => {
        for (const [whole, externs] of members) {
          this.#interface(whole, `interface ${interfacePart(whole)}`, externs);
        }
      });
    }
  }

  #side(keyword: "import" | "export", externs: Externs): void {
    const methods = methodsOf(externs);
    for (const [name, extern] of externs) {
      switch (extern.sort) {
        case "instance":
          this.#instance(keyword, name, extern.exports);
          break;
        case "func":
          if (!name.startsWith("[")) {
            this.#writer.line(`${keyword} ${writeLabel(name)}: ${this.#function(extern.type)};`);
          }
          break;
        case "type":
          this.#type(name, extern.type, methods);
          break;
        default:
          this.#writer.line(`// ${keyword} ${name}: ${extern.sort}`);
      }
    }
  }

  #instance(keyword: string, name: string, exports: Externs): void {
    if (!name.includes(":")) {
      return this.#interface(name, `${keyword} ${writeLabel(name)}: interface`, exports);
    }
    this.#writer.line(`${keyword} ${name};`);
    if (!this.#interfaces.has(name)) this.#interfaces.set(name, exports);
    this.#nameTypes(name, exports);
  }

  /** Types of interfaces that come later may be those of this one. */
  #nameTypes(place: string, exports: Externs): void {
    for (const [name, extern] of exports) {
      if (extern.sort !== "type" || typeof extern.type === "string" || this.#homes.has(extern.type)) continue;
      const home = { place, name };
      this.#homes.set(extern.type, home);
      if (extern.type.kind === "resource" && !this.#resources.has(extern.type.id)) {
        this.#resources.set(extern.type.id, home);
      }
    }
  }

  #interface(place: string, head: string, exports: Externs): void {
    const outer = this.#place;
    this.#place = place;
    this.#nameTypes(place, exports);
    const methods = methodsOf(exports);
    this.#writer.block(head, () => {
      for (const [name, extern] of exports) {
        if (extern.sort === "type") this.#type(name, extern.type, methods);
        else if (extern.sort !== "func") this.#writer.line(`// ${name}: ${extern.sort}`);
        else if (!name.startsWith("[")) {
          this.#writer.line(`${writeLabel(name)}: ${this.#function(extern.type)};`);
        }
      }
    });
    this.#place = outer;
  }

  #type(name: string, type: TypeEntity, methods: Methods): void {
    if (typeof type !== "string") {
      const home = this.#homeOf(type);
      if (home !== undefined && (home.place !== this.#place || home.name !== name)) {
        return this.#use(name, home);
      }
      this.#homes.set(type, { place: this.#place, name });
    }
    this.#define(writeLabel(name), name, type, methods);
  }

  /** Where a type that another one names has its name. */
  #homeOf(type: Exclude<TypeEntity, string>): Home | undefined {
    if (type.kind === "resource") return this.#resources.get(type.id);
    return type.original === undefined
      ? this.#homes.get(type)
      : this.#homes.get(type.original) ?? this.#homes.get(type);
  }

  #use(name: string, home: Home): void {
    const label = writeLabel(name);
    if (home.place === this.#place) return this.#writer.line(`type ${label} = ${writeLabel(home.name)};`);
    const from = this.#writtenPlace(home.place);
    const renaming = home.name === name ? label : `${writeLabel(home.name)} as ${label}`;
    this.#writer.line(`use ${from}.{${renaming}};`);
  }

  /** An interface as another one names it: one of the same package by its own name. */
  #writtenPlace(place: string): string {
    if (!place.includes(":")) return writeLabel(place);
    const isNear = this.#place.includes(":") && packageOf(place) === packageOf(this.#place);
    return isNear ? interfacePart(place) : place;
  }

  #define(label: string, name: string, type: TypeEntity, methods: Methods): void {
    const writer = this.#writer;
    if (typeof type === "string") return writer.line(`type ${label} = ${type};`);
    switch (type.kind) {
      case "record":
        return writer.block(`record ${label}`, () => {
          for (const [name, part] of type.fields) writer.line(`${writeLabel(name)}: ${this.#value(part)},`);
        });
      case "variant":
        return writer.block(`variant ${label}`, () => {
          for (const [name, part] of type.cases) {
            writer.line(`${writeLabel(name)}${part === null ? "" : `(${this.#value(part)})`},`);
          }
        });
      case "enum":
      case "flags":
        return writer.block(`${type.kind} ${label}`, () => {
          for (const one of type.labels) writer.line(`${writeLabel(one)},`);
        });
      case "resource":
        return this.#resource(label, name, type, methods);
      case "func":
      case "instance":
      case "component":
        return writer.line(`// ${label}: ${type.kind} type`);
      default:
        return writer.line(`type ${label} = ${this.#structure(type)};`);
    }
  }

  #resource(label: string, name: string, type: ResourceNode, methods: Methods): void {
    if (!this.#resources.has(type.id)) this.#resources.set(type.id, { place: this.#place, name });
    const own = methods.get(name);
    if (own === undefined) return this.#writer.line(`resource ${label};`);
    this.#writer.block(`resource ${label}`, () => {
      for (const [key, type] of own) this.#method(key, type);
    });
  }

  #method(key: string, type: FunctionNode): void {
    if (key.startsWith("[constructor]")) {
      const result = returnsHandle(type) ? "" : this.#result(type);
      return this.#writer.line(`constructor${this.#parameters(type.parameters)}${result};`);
    }
    const label = labelOf(key);
    const name = writeLabel(label.slice(label.indexOf(".") + 1));
    const isStatic = key.startsWith("[static]");
    const parameters = isStatic ? type.parameters : type.parameters.slice(1);
    this.#writer.line(
      `${name}: ${isStatic ? "static " : ""}${type.async ? "async " : ""}func${this.#parameters(parameters)}${
        this.#result(type)
      };`,
    );
  }

  #function(type: FunctionNode): string {
    return `${type.async ? "async " : ""}func${this.#parameters(type.parameters)}${this.#result(type)}`;
  }

  #parameters(parameters: FunctionNode["parameters"]): string {
    return `(${
      this.#writer.list(parameters, ([name, type]) =>
        `${this.#writer.name(writeLabel(name))}: ${this.#value(type)}`)
    })`;
  }

  #result({ result }: FunctionNode): string {
    return result === null ? "" : ` -> ${this.#value(result)}`;
  }

  /** A type where it is used: its name, or what it consists of. */
  #value(type: ValueType | null): string {
    if (type === null) return "_";
    if (typeof type === "string") return type;
    const home = this.#homes.get(type);
    return home === undefined ? this.#structure(type) : this.#writer.name(writeLabel(home.name));
  }

  #structure(type: ValueNode): string {
    if (!this.#writer.spend()) return "…";
    const each = (types: readonly (ValueType | null)[]) =>
      this.#writer.list(types, (type) => this.#value(type));
    switch (type.kind) {
      case "list":
        return `list<${this.#value(type.element)}${type.length === undefined ? "" : `, ${type.length}`}>`;
      case "tuple":
        return `tuple<${each(type.types)}>`;
      case "option":
        return `option<${this.#value(type.type)}>`;
      case "result": {
        const { ok, error } = type;
        if (error !== null) return `result<${each([ok, error])}>`;
        return ok === null ? "result" : `result<${this.#value(ok)}>`;
      }
      case "own":
        return this.#handle(type.resource);
      case "borrow":
        return `borrow<${this.#handle(type.resource)}>`;
      case "stream":
      case "future":
        return type.type === null ? type.kind : `${type.kind}<${this.#value(type.type)}>`;
      case "map":
        return `map<${each([type.key, type.value])}>`;
      case "record":
        return `record {${
          this.#writer.list(type.fields, ([name, part]) => `${this.#writer.name(name)}: ${this.#value(part)}`)
        }}`;
      case "variant":
        return `variant {${
          this.#writer.list(type.cases, ([name, part]) =>
            this.#writer.name(name) + (part === null ? "" : `(${this.#value(part)})`))
        }}`;
      case "enum":
      case "flags":
        return `${type.kind} {${this.#writer.list(type.labels, (label) => this.#writer.name(label))}}`;
    }
  }

  #handle(resource: ResourceNode): string {
    const { name } = this.#homes.get(resource) ?? this.#resources.get(resource.id) ?? { name: "resource" };
    return this.#writer.name(writeLabel(name));
  }
}

/** The constructor, methods and static functions of each resource, by its name. */
type Methods = ReadonlyMap<string, readonly (readonly [name: string, type: FunctionNode])[]>;

function methodsOf(externs: Externs): Methods {
  const methods = new Map<string, [string, FunctionNode][]>();
  for (const [name, extern] of externs) {
    if (extern.sort !== "func" || !name.startsWith("[")) continue;
    const [resource = ""] = labelOf(name).split(".");
    const known = methods.get(resource);
    if (known === undefined) methods.set(resource, [[name, extern.type]]);
    else known.push([name, extern.type]);
  }
  return methods;
}

function returnsHandle({ result }: FunctionNode): boolean {
  return result !== null && typeof result !== "string" && result.kind === "own";
}
