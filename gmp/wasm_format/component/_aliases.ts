import type { Alias, CoreSort, Sort } from "./component_description.ts";
import { hasFreeResources } from "./_free_resources.ts";
import type { TypeEntity } from "./resolved_types.ts";
import { CORE_KINDS, type Entities, type Scope } from "./_scope.ts";
import { showName } from "../../types/quote.ts";

/** Adds an alias to `scope`, which gets the next index of its sort. */
export function addAlias(scope: Scope, alias: Alias): void {
  switch (alias.from) {
    case "export":
      return aliasExport(scope, alias.sort, alias.instance, alias.name);
    case "core export":
      return aliasCoreExport(scope, alias.sort, alias.instance, alias.name);
    case "outer":
      return aliasOuter(scope, alias.sort, alias.count, alias.index);
  }
}

function aliasExport(scope: Scope, sort: Sort, instance: number, name: string): void {
  if (scope.kind !== "component" && sort !== "type" && sort !== "instance") {
    scope.fail(`the type of a component or instance has an alias of a ${sort}`);
  }
  const extern = scope.get("instance", instance).get(name);
  if (extern === undefined) scope.fail(`instance ${instance} has no export ${showName(name)}`);
  if (extern.sort !== sort) {
    scope.fail(`the export ${showName(name)} of instance ${instance} is a ${extern.sort}, not a ${sort}`);
  }
  scope.addExtern(extern);
}

function aliasCoreExport(scope: Scope, sort: Sort, instance: number, name: string): void {
  if (scope.kind !== "component") {
    scope.fail(`the type of a component or instance has an alias of a ${sort}`);
  }
  const kind = CORE_KINDS[sort as CoreSort];
  if (kind === undefined) scope.fail(`a core instance cannot export a ${sort}`);
  const type = scope.get("core instance", instance).get(name);
  if (type === undefined) scope.fail(`core instance ${instance} has no export ${showName(name)}`);
  if (type.kind !== kind) {
    scope.fail(`the export ${showName(name)} of core instance ${instance} is a ${type.kind}, not a ${kind}`);
  }
  scope.add(sort, type.type as Entities[typeof sort]);
}

function aliasOuter(scope: Scope, sort: Sort, count: number, index: number): void {
  const isType = sort === "type" || sort === "core type";
  const isAllowed = isType ||
    (scope.kind === "component" && (sort === "component" || sort === "core module"));
  if (!isAllowed) {
    scope.fail(
      `${scope.kind === "instance type" ? "an" : "a"} ${scope.kind} has an outer alias of a ${sort}`,
    );
  }
  const [outer, crosses] = scope.outer(count);
  const entity = outer.get(sort, index);
  if (sort === "type" && crosses && hasFreeResources(scope.validation, entity as TypeEntity)) {
    scope.fail(`type ${index} of an outer component is aliased and refers to resources`);
  }
  scope.add(sort, entity as Entities[typeof sort]);
}
