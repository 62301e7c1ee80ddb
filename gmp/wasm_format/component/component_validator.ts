import { addAlias } from "./_aliases.ts";
import { checkBuiltIn } from "./_built_ins.ts";
import { checkLift, checkLower } from "./_canon.ts";
import type {
  ComponentDescription,
  CoreInstance,
  Definition,
  Export,
  Instance,
} from "./component_description.ts";
import { type CoreExports, coreMismatch, coreStepsOf, moduleTypeOf } from "./_core_types.ts";
import { componentNode, defineCoreType, defineType } from "./_define_types.ts";
import { Matching } from "./_matching.ts";
import { ExternNames } from "./_names.ts";
import { type ComponentNode, type Extern, type Externs, Resource } from "./resolved_types.ts";
import { Scope } from "./_scope.ts";
import { Substitution } from "./_substitution.ts";
import { showName } from "../../types/quote.ts";
import { atOnce, type Steps } from "../_turns.ts";
import { Validation } from "./_validation.ts";
import type { ExternalType } from "../module_description.ts";

/**
 * Checks a component (component-model, Explainer and Binary Format: all that they call validation) and returns its type, in which no
 * index is left. `description` is `readComponent`'s of the same bytes. Function bodies of core modules are left to the engine. Time
 * and memory are bounded, whatever the types describe.
 *
 * @throws {GhostError} `NOT_A_MODULE` saying what is wrong and at which byte (also as `details.offset`).
 */
export function validateComponent(bytes: Uint8Array, description: ComponentDescription): ComponentNode {
  return atOnce(validateInSteps(bytes, description));
}

/** As {@linkcode validateComponent}, but stops after each definition. @throws {GhostError} `NOT_A_MODULE`. */
export function validateInSteps(bytes: Uint8Array, description: ComponentDescription): Steps<ComponentNode> {
  return validateNested(new Validation(bytes), description, undefined);
}

function* validateNested(
  validation: Validation,
  { definitions }: ComponentDescription,
  parent: Scope | undefined,
): Steps<ComponentNode> {
  const scope = new Scope(validation, "component", parent);
  for (const definition of definitions) {
    validation.begin(definition.at);
    yield* define(scope, definition);
    yield;
  }
  return componentNode(scope);
}

function* define(scope: Scope, definition: Definition): Steps<void> {
  switch (definition.kind) {
    case "core module":
      return scope.add("core module", yield* moduleTypeOf(scope.validation, definition.range));
    case "core instance":
      return scope.add("core instance", coreExportsOf(scope, definition));
    case "core type":
      return scope.add("core type", defineCoreType(scope, definition.type));
    case "component":
      return scope.add("component", yield* validateNested(scope.validation, definition.component, scope));
    case "instance":
      return scope.add("instance", exportsOf(scope, definition));
    case "alias":
      return addAlias(scope, definition);
    case "type":
      return scope.add("type", defineType(scope, definition.type));
    case "lift":
      return scope.add("func", checkLift(scope, definition));
    case "lower":
      return scope.add("core func", checkLower(scope, definition));
    case "built-in":
      return scope.add("core func", checkBuiltIn(scope, definition));
    case "import":
      return scope.import(definition, definition.type);
    case "export":
      return scope.export(definition, exportedExtern(scope, definition));
    case "start":
    case "value":
      return scope.fail("it has a start function or a value of its own, which are not supported");
  }
}

/** What an export is: of the type that it is given, or of its own under a new name. */
function exportedExtern(scope: Scope, { name, sort, index, type }: Export): Extern {
  const actual = scope.externOf(sort, index);
  if (type === undefined) {
    return actual.sort === "type" ? { sort: "type", type: scope.rename(actual.type) } : actual;
  }
  const made: Resource[] = [];
  const expected = scope.resolve(type, made);
  const mismatch = new Matching(scope.validation, made).extern(expected, actual);
  if (mismatch !== undefined) scope.fail(`the export ${showName(name)} is not of its type: ${mismatch}`);
  for (const resource of made) scope.madeResources.push(resource);
  return expected;
}

function coreExportsOf(scope: Scope, instance: CoreInstance): CoreExports {
  if (instance.from === "module") return instantiateModule(scope, instance);
  const exports = new Map<string, ExternalType>();
  for (const { name, sort, index } of instance.exports) {
    if (exports.has(name)) scope.fail(`a core instance exports ${showName(name)} twice`);
    exports.set(name, scope.coreExternOf(sort, index));
  }
  return exports;
}

function instantiateModule(
  scope: Scope,
  { module, arguments: given }: CoreInstance & { from: "module" },
): CoreExports {
  const type = scope.get("core module", module);
  const instances = new Map<string, CoreExports>();
  for (const { name, instance } of given) {
    if (instances.has(name)) scope.fail(`a core module is given ${showName(name)} twice`);
    instances.set(name, scope.get("core instance", instance));
  }
  for (const [name, fields] of type.imports) {
    const instance = instances.get(name);
    if (instance === undefined) scope.fail(`a core module imports ${showName(name)} and is not given it`);
    for (const [field, expected] of fields) {
      scope.validation.take(coreStepsOf(expected));
      const actual = instance.get(field);
      const mismatch = actual === undefined ? "it is missing" : coreMismatch(expected, actual);
      if (mismatch === undefined) continue;
      scope.fail(`of what a core module imports, ${showName(field)} of ${showName(name)}: ${mismatch}`);
    }
  }
  return type.exports;
}

function exportsOf(scope: Scope, instance: Instance): Externs {
  if (instance.from === "component") return instantiateComponent(scope, instance);
  const names = new ExternNames(scope.validation, "export");
  const exports = new Map<string, Extern>();
  for (const item of instance.exports) {
    const extern = scope.externOf(item.sort, item.index);
    names.add(item, extern, false);
    exports.set(item.name, extern);
  }
  return exports;
}

function instantiateComponent(
  scope: Scope,
  { component, arguments: given }: Instance & { from: "component" },
): Externs {
  const type = scope.get("component", component);
  const externs = new Map<string, Extern>();
  for (const { name, sort, index } of given) {
    if (externs.has(name)) scope.fail(`a component is given ${showName(name)} twice`);
    externs.set(name, scope.externOf(sort, index));
  }
  const matching = new Matching(scope.validation, type.importedResources);
  const mismatch = matching.externs(type.imports, externs);
  if (mismatch !== undefined) scope.fail(`a component is not given what it imports: ${mismatch}`);

  scope.validation.take(type.madeResources.length);
  for (const made of type.madeResources) {
    const fresh = new Resource();
    matching.resources.set(made, fresh);
    scope.madeResources.push(fresh);
  }
  return new Substitution(scope.validation, matching.resources, matching.types).externs(type.exports);
}
