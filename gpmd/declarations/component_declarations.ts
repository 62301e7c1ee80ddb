import { camelCase } from "../../gmp/types/camel_case.ts";
import type {
  ComponentNode,
  Extern,
  Externs,
  FunctionNode,
  ResourceNode,
  ValueNode,
  ValueType,
} from "../../gmp/wasm_format/component/resolved_types.ts";
import { declareInterface, type Member } from "./interface_text.ts";
import { interfaceLabel, parameterName, property, TypeNames } from "./names.ts";
import { ValueTypes } from "./value_types.ts";
import { WrittenText } from "./written_text.ts";

/** A function of a resource: `[constructor]counter`, `[method]counter.next`, `[static]counter.merge`. */
const RESOURCE_FUNCTION = /^\[(constructor|method|static)\]([^.]+)(?:\.(.+))?$/;
const WITHOUT_VALUES: ReadonlySet<string> = new Set(["resource", "func", "instance", "component"]);

/**
 * The TypeScript declarations of what a component exports: an interface for each of its interfaces, resource and record, and
 * one called after `world` for the functions at the level of its world.
 *
 * @throws {GhostError} `PAYLOAD_TOO_LARGE`.
 */
export function componentDeclarations({ imports, exports }: ComponentNode, world: string): string {
  const writer = new DeclarationWriter(resourceLabels(imports));
  const own = new Map([...exports].filter(([, { sort }]) => sort !== "instance"));
  if ([...own.values()].some(({ sort }) => sort === "func")) {
    writer.interface(world, "What the component exports itself.", own);
  }
  for (const [name, extern] of exports) {
    if (extern.sort === "instance") writer.interface(interfaceLabel(name), `${name}.`, extern.exports);
  }
  return writer.end();
}

/** A resource, and its methods so far. */
interface DeclaredResource {
  readonly name: string;
  readonly methods: Member[];
}

class DeclarationWriter {
  readonly #names = new TypeNames();
  readonly #written = new WrittenText();
  readonly #types: ValueTypes;
  readonly #interfaces: string[] = [];
  /** Resources whose methods are declared. */
  readonly #declared = new Set<string>();

  constructor(labels: ReadonlyMap<ResourceNode["id"], string>) {
    this.#types = new ValueTypes(this.#names, labels, this.#written);
  }

  end(): string {
    for (const name of this.#types.resources) {
      if (this.#declared.has(name)) continue;
      this.#interfaces.push(declareInterface("A resource that comes from elsewhere.", name, [], "Resource"));
    }
    return [...this.#types.declarations, ...this.#interfaces].join("\n\n") + "\n";
  }

  interface(label: string, docs: string, externs: Externs): void {
    const name = this.#names.give(label);
    const resources = this.#resources(externs);
    this.#declareTypes(externs);
    const members: Member[] = [];
    const failures: Member[] = [];
    for (const [label, extern] of externs) {
      if (extern.sort !== "func") continue;
      const { resource, called } = nameOf(label);
      if (resource !== undefined) resources.get(resource)?.methods.push(this.#method(called, extern.type, 1));
      else members.push(this.#method(called, extern.type));
      const error = resultOf(extern.type)?.error ?? null;
      if (error === null) continue;
      const of = resource === undefined ? called : `${resource}.${called}`;
      failures.push({ text: `${property(of)}: ${this.#types.write(error)};` });
    }
    for (const [label, { name, methods }] of resources) {
      if (this.#declared.has(name)) continue;
      this.#declared.add(name);
      this.#interfaces.push(declareInterface(`The resource \`${label}\`.`, name, methods, "Resource"));
    }
    this.#interfaces.push(declareInterface(docs, name, members));
    if (failures.length === 0) return;
    const what = `What \`payload\` is after \`FUNCTION_FAILED\`, by function of {@linkcode ${name}}.`;
    this.#interfaces.push(declareInterface(what, this.#names.give(`${label}-failures`), failures));
  }

  #resources(externs: Externs): Map<string, DeclaredResource> {
    const resources = new Map<string, DeclaredResource>();
    for (const [label, extern] of externs) {
      if (!isResource(extern)) continue;
      resources.set(label, { name: this.#types.resource(extern.type, label), methods: [] });
    }
    return resources;
  }

  #declareTypes(externs: Externs): void {
    for (const [label, extern] of externs) {
      if (extern.sort !== "type") continue;
      const { type } = extern;
      if (typeof type !== "string" && WITHOUT_VALUES.has(type.kind)) continue;
      this.#types.name(label, type as ValueType);
    }
  }

  #method(name: string, type: FunctionNode, skipped = 0): Member {
    const parameters = type.parameters.slice(skipped).map(([label, one]) =>
      `${this.#written.take(parameterName(label))}: ${this.#types.accepted(one)}`
    );
    const result = resultOf(type);
    const returned = this.#types.returned(result === undefined ? type.result : result.ok);
    return {
      ...result === undefined ? {} : { docs: "@throws {GhostError} `FUNCTION_FAILED`." },
      text: `${property(name)}(${parameters.join(", ")}): Promise<${returned}>;`,
    };
  }
}

/** What resources are called in imported interfaces. */
function resourceLabels(imports: Externs): Map<ResourceNode["id"], string> {
  const labels = new Map<ResourceNode["id"], string>();
  const look = (externs: Externs) => {
    for (const [label, extern] of externs) {
      if (isResource(extern)) labels.set(extern.type.id, label);
      else if (extern.sort === "instance") look(extern.exports);
    }
  };
  look(imports);
  return labels;
}

function isResource(extern: Extern): extern is { readonly sort: "type"; readonly type: ResourceNode } {
  return extern.sort === "type" && typeof extern.type !== "string" && extern.type.kind === "resource";
}

/** What a function is called, and the resource whose method it is. */
function nameOf(label: string): { resource?: string; called: string } {
  const [, kind, resource, name] = RESOURCE_FUNCTION.exec(label) ?? [];
  switch (kind) {
    case undefined:
      return { called: camelCase(label) };
    case "method":
      return { resource: resource!, called: camelCase(name!) };
    case "constructor":
      return { called: resource! };
    default:
      return { called: `${resource}.${name}` };
  }
}

/** The result of a function that may fail. */
function resultOf({ result }: FunctionNode): (ValueNode & { readonly kind: "result" }) | undefined {
  return result !== null && typeof result !== "string" && result.kind === "result" ? result : undefined;
}
