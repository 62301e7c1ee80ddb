import { addAlias } from "./_aliases.ts";
import type {
  CoreTypeDefinition,
  Declaration,
  DefinedType,
  FunctionType,
  ModuleDeclaration,
  TypeDefinition,
} from "./component_description.ts";
import { ModuleDraft, type ModuleType } from "./_core_types.ts";
import { MAX_VALUE_SIZE, sizeOf } from "./_layout.ts";
import { checkLabels } from "./_names.ts";
import {
  type ComponentNode,
  type FunctionNode,
  type InstanceNode,
  node,
  Resource,
  type ResourceNode,
  type TypeEntity,
  type ValueNode,
  type ValueShape,
  type ValueType,
} from "./resolved_types.ts";
import { type CoreTypeEntity, Scope } from "./_scope.ts";
import { type Primitive, PRIMITIVES, type TypeReference } from "../../types/component_types.ts";
import type { CoreExternalType } from "./component_description.ts";
import type { ExternalType } from "../module_description.ts";

/** Most flags of one type (component-model, "Type Definitions"). */
const MAX_FLAGS = 32;

/** The types that a map may not have as keys. */
const NO_KEYS: ReadonlySet<Primitive> = new Set<Primitive>(["f32", "f64", "error-context"]);

/** What a definition of a type stands for. */
export function defineType(scope: Scope, definition: TypeDefinition): TypeEntity {
  scope.validation.take();
  switch (definition.kind) {
    case "value":
      return defineValueType(scope, definition.type);
    case "func":
      return defineFunctionType(scope, definition.type);
    case "component":
      return defineComponentType(scope, definition.declarations);
    case "instance":
      return defineInstanceType(scope, definition.declarations);
    case "resource":
      return defineResource(scope, definition.representation, definition.destructor);
  }
}

function defineResource(scope: Scope, representation: string, destructor: number | undefined): ResourceNode {
  if (scope.kind !== "component") scope.fail("a resource is defined in the type of a component or instance");
  if (representation !== "i32" && representation !== "i64") {
    scope.fail(`a resource is represented by ${representation}, not by i32 or i64`);
  }
  if (destructor !== undefined) {
    const { parameters, results } = scope.get("core func", destructor);
    if (parameters.length !== 1 || parameters[0] !== representation || results.length > 0) {
      scope.fail(`the destructor of a resource is not of the type (${representation}) -> ()`);
    }
  }
  const id = new Resource(representation);
  scope.madeResources.push(id);
  scope.definedResources.add(id);
  return node<ResourceNode>({ kind: "resource", id });
}

function defineFunctionType(scope: Scope, { parameters, result, async }: FunctionType): FunctionNode {
  checkLabels(scope.validation, parameters.map(([name]) => name), "parameter");
  const type = node<FunctionNode>({
    kind: "func",
    parameters: parameters.map(([name, type]) => [name, valueType(scope, type)]),
    result: optionalType(scope, result),
    async,
  });
  if (type.result !== null && borrows(type.result)) {
    scope.fail("the result of a function has a borrowed handle in it");
  }
  return type;
}

/** The type of values where one is used. */
function valueType(scope: Scope, type: TypeReference): ValueType {
  return typeof type === "number" ? scope.valueType(type) : type;
}

/** As {@linkcode valueType}, where there may be none. */
export function optionalType(scope: Scope, type: TypeReference | null): ValueType | null {
  return type === null ? null : valueType(scope, type);
}

function borrows(type: ValueType): boolean {
  return typeof type !== "string" && type.borrows;
}

const PRIMITIVE_NAMES: ReadonlySet<unknown> = new Set(PRIMITIVES);

function defineValueType(scope: Scope, type: DefinedType): ValueType {
  if (isPrimitive(type)) return type;
  const whole = node<ValueNode>(shapeOf(scope, type));
  if (sizeOf(whole) >= MAX_VALUE_SIZE) {
    scope.fail(`a value of the ${whole.kind} takes ${MAX_VALUE_SIZE} bytes or more`);
  }
  return whole;
}

function isPrimitive(type: DefinedType): type is Primitive {
  return PRIMITIVE_NAMES.has(type);
}

function shapeOf(scope: Scope, type: Exclude<DefinedType, Primitive>): ValueShape {
  switch (type[0]) {
    case "list":
      if (type[2] === 0) scope.fail("a list has the length 0");
      return {
        kind: "list",
        element: valueType(scope, type[1]),
        ...(type[2] === undefined ? {} : { length: type[2] }),
      };
    case "record":
      checkParts(scope, type[1].map(([name]) => name), "field");
      return { kind: "record", fields: type[1].map(([name, type]) => [name, valueType(scope, type)]) };
    case "tuple":
      if (type[1].length === 0) scope.fail("a tuple has no types");
      return { kind: "tuple", types: type[1].map((type) => valueType(scope, type)) };
    case "variant":
      checkParts(scope, type[1].map(([name]) => name), "case");
      return { kind: "variant", cases: type[1].map(([name, type]) => [name, optionalType(scope, type)]) };
    case "enum":
      checkParts(scope, type[1], "case");
      return { kind: "enum", labels: type[1] };
    case "flags":
      checkParts(scope, type[1], "flag");
      if (type[1].length > MAX_FLAGS) scope.fail(`there are ${type[1].length} flags, above ${MAX_FLAGS}`);
      return { kind: "flags", labels: type[1] };
    case "option":
      return { kind: "option", type: valueType(scope, type[1]) };
    case "result":
      return { kind: "result", ok: optionalType(scope, type[1]), error: optionalType(scope, type[2]) };
    case "own":
    case "borrow":
      return { kind: type[0], resource: scope.resource(type[1]) };
    case "stream":
    case "future":
      return { kind: type[0], type: elementType(scope, type[0], type[1]) };
    case "map": {
      const key = valueType(scope, type[1]);
      if (typeof key !== "string" || NO_KEYS.has(key)) scope.fail("a map has keys that cannot be keys");
      return { kind: "map", key, value: valueType(scope, type[2]) };
    }
  }
}

function checkParts(scope: Scope, labels: readonly string[], what: string): void {
  if (labels.length === 0) scope.fail(`a type has no ${what}s`);
  checkLabels(scope.validation, labels, what);
}

function elementType(scope: Scope, kind: "stream" | "future", type: TypeReference | null): ValueType | null {
  const element = optionalType(scope, type);
  if (element !== null && borrows(element)) scope.fail(`a ${kind} has borrowed handles in it`);
  if (kind === "stream" && element === "char") {
    scope.fail("a stream is of characters, which is not supported");
  }
  return element;
}

function defineComponentType(scope: Scope, declarations: readonly Declaration[]): ComponentNode {
  const inner = new Scope(scope.validation, "component type", scope);
  declareAll(inner, declarations);
  return componentNode(inner);
}

/** The type of what a scope has declared or defined. */
export function componentNode(scope: Scope): ComponentNode {
  const { imports, exports, importedResources, madeResources } = scope;
  return node<ComponentNode>({ kind: "component", imports, exports, importedResources, madeResources });
}

function defineInstanceType(scope: Scope, declarations: readonly Declaration[]): InstanceNode {
  const inner = new Scope(scope.validation, "instance type", scope);
  declareAll(inner, declarations);
  return node<InstanceNode>({ kind: "instance", bound: inner.madeResources, exports: inner.exports });
}

function declareAll(scope: Scope, declarations: readonly Declaration[]): void {
  for (const declaration of declarations) {
    scope.validation.at = declaration.at;
    declare(scope, declaration);
  }
}

function declare(scope: Scope, declaration: Declaration): void {
  switch (declaration.kind) {
    case "type":
      return scope.add("type", defineType(scope, declaration.type));
    case "core type":
      return scope.add("core type", defineCoreType(scope, declaration.type));
    case "alias":
      return addAlias(scope, declaration);
    case "import":
      return scope.import(declaration, declaration.type);
    case "export":
      return scope.export(declaration, scope.resolve(declaration.type, scope.madeResources));
  }
}

/** What a definition of a core type stands for. */
export function defineCoreType(scope: Scope, definition: CoreTypeDefinition): CoreTypeEntity {
  scope.validation.take();
  return definition.kind === "module" ? defineModuleType(scope, definition.declarations) : definition;
}

function defineModuleType(scope: Scope, declarations: readonly ModuleDeclaration[]): ModuleType {
  const draft = new ModuleDraft(scope.validation);
  const types: CoreTypeEntity[] = [];
  for (const declaration of declarations) {
    scope.validation.at = declaration.at;
    switch (declaration.kind) {
      case "import":
        draft.import(declaration.module, declaration.name, coreExtern(scope, types, declaration.type));
        break;
      case "export":
        draft.export(declaration.name, coreExtern(scope, types, declaration.type));
        break;
      case "core type":
        if (declaration.type.kind === "module") scope.fail("the type of a module is declared in another");
        types.push(declaration.type);
        break;
      case "outer alias":
        types.push(outerCoreType(scope, types, declaration.count, declaration.index));
    }
  }
  return draft.end();
}

function outerCoreType(
  scope: Scope,
  types: readonly CoreTypeEntity[],
  count: number,
  index: number,
): CoreTypeEntity {
  const type = count === 0 ? types[index] : scope.outer(count - 1)[0].get("core type", index);
  if (type === undefined) scope.fail(`core type ${index} is named and there are ${types.length}`);
  if (type.kind === "module") scope.fail("the type of a module is aliased in another");
  return type;
}

function coreExtern(scope: Scope, types: readonly CoreTypeEntity[], type: CoreExternalType): ExternalType {
  if (type.kind !== "function" && type.kind !== "tag") return type;
  const signature = types[type.type];
  if (signature === undefined) scope.fail(`core type ${type.type} is named and there are ${types.length}`);
  if (signature.kind !== "func") scope.fail(`core type ${type.type} is not the type of a function`);
  return { kind: type.kind, type: signature.type };
}
