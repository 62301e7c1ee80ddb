import { type Externs, partsOf, type Resource, stepsOf, type TypeEntity } from "./resolved_types.ts";
import type { Validation } from "./_validation.ts";

/** Whether a type refers to a resource that is not its own. */
export function hasFreeResources(validation: Validation, type: TypeEntity): boolean {
  const own = new Set<Resource>();
  const seen = new Set<TypeEntity | Externs>();
  const visit = (type: TypeEntity): boolean => {
    if (typeof type === "string" || !type.resources || seen.has(type)) return false;
    validation.take(stepsOf(type));
    seen.add(type);
    switch (type.kind) {
      case "resource":
        return !own.has(type.id);
      case "instance":
        addAll(type.bound);
        return visitAll(type.exports);
      case "component":
        addAll(type.importedResources);
        addAll(type.madeResources);
        return visitAll(type.imports) || visitAll(type.exports);
      default:
        return partsOf(type).some(visit);
    }
  };
  /** Several instances may have the same exports, and those again: each are visited once. */
  const visitAll = (externs: Externs): boolean => {
    if (seen.has(externs)) return false;
    validation.take(1 + externs.size);
    seen.add(externs);
    return externs.values().some((extern) => {
      if (extern.sort === "instance") return visitAll(extern.exports);
      return extern.sort !== "core module" && visit(extern.type);
    });
  };
  const addAll = (resources: readonly Resource[]): void => {
    validation.take(resources.length);
    for (const resource of resources) own.add(resource);
  };
  return visit(type);
}
