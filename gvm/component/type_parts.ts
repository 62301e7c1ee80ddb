import type { Type } from "./types.ts";

/** Whether `fits` holds for one of `types`, or for anything that they consist of; each is looked at once. */
export function someType(types: readonly (Type | null)[], fits: (type: Type) => boolean): boolean {
  const seen = new Set<Type>();
  const has = (type: Type | null): boolean => {
    if (type === null || seen.has(type)) return false;
    seen.add(type);
    return fits(type) || partsOf(type).some(has);
  };
  return types.some(has);
}

/** The types of which `type` directly consists; `null` stands for a part without a value. */
function partsOf(type: Type): readonly (Type | null)[] {
  switch (type.kind) {
    case "list":
    case "stream":
    case "future":
      return [type.element];
    case "record":
      return type.fields.map(({ type }) => type);
    case "tuple":
      return type.elements;
    case "variant":
      return type.cases.map(({ type }) => type);
    case "option":
      return [type.some];
    case "result":
      return [type.ok, type.error];
    case "map":
      return [type.key, type.value];
    default:
      return [];
  }
}
