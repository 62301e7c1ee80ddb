import type { ModuleType } from "./_core_types.ts";
import type { Primitive } from "../../types/component_types.ts";

/** The identity of a resource type (component-model, "Type Checking"): two are the same only if they are one object. */
export class Resource {
  /** What represents it in the component that defines it; absent if that is another component. */
  readonly representation: "i32" | "i64" | undefined;

  constructor(representation?: "i32" | "i64") {
    this.representation = representation;
  }
}

/** What is known of every type with parts. */
interface Known {
  /** Types inside each other, at most; 1 without parts. */
  readonly depth: number;
  /** Whether a resource is somewhere in it. */
  readonly resources: boolean;
  /** Whether a value of it may hold a borrowed handle. */
  readonly borrows: boolean;
  /** The type that this one gives another name to. */
  readonly original?: TypeEntity;
}

/** A type that names a resource: an import, an export and a definition each make one, perhaps of the same resource. */
export interface ResourceNode extends Known {
  readonly kind: "resource";
  readonly id: Resource;
}

/** What a value type with parts says; as the nodes of the type table, but parts are types themselves. */
export type ValueShape =
  | { readonly kind: "list"; readonly element: ValueType; readonly length?: number }
  | { readonly kind: "record"; readonly fields: readonly (readonly [name: string, type: ValueType])[] }
  | { readonly kind: "tuple"; readonly types: readonly ValueType[] }
  | { readonly kind: "variant"; readonly cases: readonly (readonly [name: string, type: ValueType | null])[] }
  | { readonly kind: "enum" | "flags"; readonly labels: readonly string[] }
  | { readonly kind: "option"; readonly type: ValueType }
  | { readonly kind: "result"; readonly ok: ValueType | null; readonly error: ValueType | null }
  | { readonly kind: "own" | "borrow"; readonly resource: ResourceNode }
  | { readonly kind: "stream" | "future"; readonly type: ValueType | null }
  | { readonly kind: "map"; readonly key: ValueType; readonly value: ValueType };

/** A value type with parts. Types are shared, never copied: they are a graph without cycles. */
export type ValueNode = ValueShape & Known;

/** A value type. */
export type ValueType = Primitive | ValueNode;

/** The type of a function. */
export interface FunctionNode extends Known {
  readonly kind: "func";
  readonly parameters: readonly (readonly [name: string, type: ValueType])[];
  readonly result: ValueType | null;
  readonly async: boolean;
}

/** Imports or exports by name, in order. */
export type Externs = ReadonlyMap<string, Extern>;

/** The type of instances. */
export interface InstanceNode extends Known {
  readonly kind: "instance";
  /** The resources that each instance has of its own. */
  readonly bound: readonly Resource[];
  readonly exports: Externs;
}

/** The type of a component. */
export interface ComponentNode extends Known {
  readonly kind: "component";
  readonly imports: Externs;
  readonly exports: Externs;
  /** The resources that it imports. */
  readonly importedResources: readonly Resource[];
  /** The resources that each of its instances makes. */
  readonly madeResources: readonly Resource[];
}

/** Whatever a type index may stand for. */
export type TypeEntity = ValueType | FunctionNode | InstanceNode | ComponentNode | ResourceNode;

/** An import or export: its sort and its type, or, for a type, the type itself. */
export type Extern =
  | { readonly sort: "core module"; readonly type: ModuleType }
  | { readonly sort: "func"; readonly type: FunctionNode }
  | { readonly sort: "type"; readonly type: TypeEntity }
  | { readonly sort: "component"; readonly type: ComponentNode }
  | { readonly sort: "instance"; readonly exports: Externs };

/** The shape of a type with parts, without what is known of it. */
type Shape<Node> = Node extends Known ? Omit<Node, keyof Known> : never;

/** Adds to a shape what is known of it. */
export function node<Node extends Exclude<TypeEntity, string>>(shape: Shape<Node>): Node {
  const whole = shape as unknown as Node;
  const parts = whole.kind === "instance"
    ? [knownOf(whole.exports)]
    : whole.kind === "component"
    ? [knownOf(whole.imports), knownOf(whole.exports)]
    : partsOf(whole);
  const { depth, resources, borrows } = together(parts);
  return {
    ...whole,
    depth: depth + 1,
    resources: resources || whole.kind === "resource",
    borrows: borrows || whole.kind === "borrow",
  };
}

function together(parts: Iterable<Known | string>): Known {
  let [depth, resources, borrows] = [0, false, false];
  for (const part of parts) {
    if (typeof part === "string") continue;
    depth = Math.max(depth, part.depth);
    resources ||= part.resources;
    borrows ||= part.borrows;
  }
  return { depth, resources, borrows };
}

const known = new WeakMap<Externs, Known>();

/** What is known of all imports or exports together; those of an instance are one level deeper. */
export function knownOf(externs: Externs): Known {
  let all = known.get(externs);
  if (all === undefined) {
    const parts: (Known | string)[] = [];
    for (const extern of externs.values()) {
      if (extern.sort === "instance") parts.push(knownOf(extern.exports));
      else if (extern.sort !== "core module") parts.push(extern.type);
    }
    all = together(parts);
    all = { ...all, depth: all.depth + 1 };
    known.set(externs, all);
  }
  return all;
}

/** The types that a type directly consists of; what an instance or a component has is walked by its names. */
export function partsOf(type: Exclude<TypeEntity, string | InstanceNode | ComponentNode>): TypeEntity[] {
  switch (type.kind) {
    case "list":
      return [type.element];
    case "record":
      return type.fields.map(([, type]) => type);
    case "tuple":
      return [...type.types];
    case "variant":
      return present(type.cases.map(([, type]) => type));
    case "option":
      return [type.type];
    case "result":
      return present([type.ok, type.error]);
    case "own":
    case "borrow":
      return [type.resource];
    case "stream":
    case "future":
      return present([type.type]);
    case "map":
      return [type.key, type.value];
    case "func":
      return present([...type.parameters.map(([, type]) => type), type.result]);
    case "enum":
    case "flags":
    case "resource":
      return [];
  }
}

/** How many fields, cases, flags, types or parameters a type lists: up to 100,000. Not the exports of an instance. */
export function partCount(type: TypeEntity): number {
  if (typeof type === "string") return 0;
  switch (type.kind) {
    case "record":
      return type.fields.length;
    case "tuple":
      return type.types.length;
    case "variant":
      return type.cases.length;
    case "enum":
    case "flags":
      return type.labels.length;
    case "func":
      return type.parameters.length;
    default:
      return 0;
  }
}

/** The steps that looking at a type takes: one, and one for each of what it lists. */
export function stepsOf(type: TypeEntity): number {
  return 1 + partCount(type);
}

function present(types: readonly (TypeEntity | null)[]): TypeEntity[] {
  return types.filter((type) => type !== null);
}

/** Whether values of a type can only be used outside of the component if the type has a name there. */
export function needsName(type: TypeEntity): type is ValueNode | ResourceNode {
  return typeof type !== "string" && NAMED_KINDS.has(type.kind);
}

const NAMED_KINDS: ReadonlySet<string> = new Set(["record", "variant", "enum", "flags", "resource"]);

/** The same type under another name: the same to all but the rules about names. */
export function renamed<T extends TypeEntity>(type: T): T {
  return typeof type !== "string" && needsName(type) ? { ...type as T & object, original: type } : type;
}

/** What an error calls a type. */
export function describeEntity(type: TypeEntity): string {
  if (typeof type === "string") return type;
  return type.kind === "func" ? "function type" : `${type.kind} type`;
}
